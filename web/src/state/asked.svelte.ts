// One question to the server and its answer; a new question gives up the one before.

import { ApiError, read } from '../api';
import { S } from '../strings';

export class Asked<T> {
  answer: T | null = $state.raw(null);
  failure: string | null = $state(null);
  loading = $state(false);
  #path: string | null = null;
  #asking: AbortController | null = null;

  /** Asks, unless this is what was asked last; `null` forgets the answer. */
  ask(path: string | null): void {
    if (path === this.#path) return;
    this.#path = path;
    this.#asking?.abort();
    if (path === null) this.answer = null;
    else void this.#load(path);
  }

  /** Asks the same again. */
  again(): void {
    const path = this.#path;
    this.#path = null;
    this.ask(path);
  }

  async #load(path: string): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    this.loading = true;
    try {
      const answer = await read<T>(path, asking.signal);
      if (asking.signal.aborted) return;
      this.answer = answer;
      this.failure = null;
    } catch (error) {
      if (asking.signal.aborted) return;
      const said = error instanceof ApiError ? error.message : S.failed(String(error));
      this.failure = said;
    } finally {
      if (this.#asking === asking) this.loading = false;
    }
  }
}
