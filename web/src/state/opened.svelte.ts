// The incident whose page is open: loaded when the route names it, and again when it changed.

import { api, ApiError, type IncidentDetail, type IncidentSummary } from '../api';
import { drawing } from '../model/place';
import { S } from '../strings';
import { picture } from './picture.svelte';

class Opened {
  detail: IncidentDetail | null = $state.raw(null);
  failure: string | null = $state(null);
  loading = $state(false);
  readonly drawn = $derived((this.detail?.evidence ?? []).flatMap((e) => drawing(e.observation)));
  #asked: AbortController | null = null;

  /** Opens an incident, or closes the page with `null`. */
  async open(id: string | null): Promise<void> {
    this.#asked?.abort();
    if (id === null) {
      this.detail = null;
      this.failure = null;
      return;
    }
    const asked = new AbortController();
    this.#asked = asked;
    this.loading = true;
    if (this.detail && !this.detail.summary.id.startsWith(id)) this.detail = null;
    try {
      const detail = await api.incident(id, asked.signal);
      if (asked.signal.aborted) return;
      this.detail = detail;
      this.failure = null;
    } catch (error) {
      if (asked.signal.aborted) return;
      const missing = error instanceof ApiError && error.status === 404;
      this.failure = missing ? S.incident.notFound : S.failed(String(error));
    } finally {
      if (this.#asked === asked) this.loading = false;
    }
  }

  /** Shows at once what an event says of the open incident, while the rest is loaded. */
  adopt(summary: IncidentSummary | undefined): void {
    if (summary && this.detail?.summary.id === summary.id) {
      this.detail = { ...this.detail, summary };
    }
  }

  /** Loads the open incident again, because it changed on the server. */
  async refresh(): Promise<void> {
    const id = this.detail?.summary.id;
    if (id) await this.open(id);
  }

  /** Loads it again after a step of ours, and tells the queue without waiting for the event. */
  async stepTaken(): Promise<void> {
    await this.refresh();
    if (this.detail) picture.take(this.detail.summary);
  }
}

export const opened = new Opened();
