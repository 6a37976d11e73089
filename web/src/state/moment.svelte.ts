// The moment the page stands at. While it is live nothing here is loaded; at an earlier moment it
// holds where tracks were and, when asked for, what the mission knew then.

import { untrack } from 'svelte';
import { api, type IncidentSummary, type TrackPath } from '../api';
import { navigation } from './route.svelte';

const HOUR_MS = 3_600_000;
/** Hours of paths kept. */
const HOURS_KEPT = 30;
export const SPEEDS = [1, 10, 60, 300, 900, 3600] as const;
/** How often the moment moves while time plays; more would only redraw what nobody sees. */
const TICK_MS = 100;
/** How often an earlier state of knowledge is asked for while time plays or is scrubbed. */
const ASK_MS = 400;

type Hour = ReadonlyMap<string, TrackPath['points']>;

class Moment {
  playing = $state(false);
  speed: number = $state(300);
  /** What was known at the moment; `null` while it is not asked for or not yet there. */
  known: ReadonlyMap<string, IncidentSummary> | null = $state.raw(null);
  #hours: ReadonlyMap<number, Hour> = $state.raw(new Map());
  #loading = new Set<number>();
  #asked: AbortController | null = null;
  #lastAsk = 0;
  #waiting: number | null = null;

  readonly live = $derived(navigation.at === null);

  /** Moves through time until the returned function is called. `end` is the present. */
  run(end: () => number): () => void {
    let last = performance.now();
    const tick = window.setInterval(() => {
      const now = performance.now();
      const passed = (now - last) * this.speed;
      last = now;
      const { at, period } = navigation.route;
      if (!this.playing || at === null) return;
      const stop = Math.min(end(), period?.to ?? Infinity);
      const next = Math.min(stop, at + passed);
      if (next >= stop) this.playing = false;
      navigation.go({ at: next });
    }, TICK_MS);
    return () => window.clearInterval(tick);
  }

  /** Stands at a moment. */
  stand(at: number): void {
    navigation.go({ at: Math.round(at) });
  }

  goLive(): void {
    this.playing = false;
    navigation.go({ at: null, knowledge: 'hindsight' });
  }

  /** Plays from the moment, or from the beginning when it stands at the end. */
  play(from: number, end: number): void {
    const { at, period } = navigation.route;
    const start = period?.from ?? from;
    const stop = Math.min(end, period?.to ?? Infinity);
    if (at === null || at >= stop - 1000 || at < start) navigation.go({ at: start });
    this.playing = true;
  }

  /** The points of a track around the moment, of the hours that are there. */
  points(id: string, at: number): TrackPath['points'] {
    const hour = Math.floor(at / HOUR_MS);
    return [hour - 1, hour, hour + 1].flatMap((h) => this.#hours.get(h)?.get(id) ?? []);
  }

  /** Loads the hours around a moment that are not there yet. */
  loadPaths(at: number): void {
    const hour = Math.floor(at / HOUR_MS);
    for (const h of [hour, hour - 1, hour + 1, hour + 2]) {
      if (untrack(() => this.#hours.has(h)) || this.#loading.has(h)) continue;
      this.#loading.add(h);
      void this.#loadHour(h);
    }
  }

  async #loadHour(hour: number): Promise<void> {
    try {
      const { items } = await api.paths(hour * HOUR_MS, (hour + 1) * HOUR_MS);
      const kept = [...this.#hours].slice(-(HOURS_KEPT - 1));
      this.#hours = new Map([...kept, [hour, new Map(items.map((p) => [p.id, p.points]))]]);
    } catch {
      // Asked for again with the next move; the tracks of that hour are missing until then.
    } finally {
      this.#loading.delete(hour);
    }
  }

  /** Forgets the paths of the newest hours, because more has arrived. */
  forgetPaths(from: number): void {
    const hour = Math.floor(from / HOUR_MS);
    this.#hours = new Map([...this.#hours].filter(([h]) => h < hour));
  }

  /** Asks what was known at the moment, not more often than is useful. */
  askKnown(at: number | null): void {
    if (this.#waiting !== null) window.clearTimeout(this.#waiting);
    this.#waiting = null;
    if (at === null) {
      this.#asked?.abort();
      this.known = null;
      return;
    }
    const wait = Math.max(0, this.#lastAsk + ASK_MS - Date.now());
    this.#waiting = window.setTimeout(() => void this.#ask(at), wait);
  }

  async #ask(at: number): Promise<void> {
    this.#lastAsk = Date.now();
    this.#asked?.abort();
    const asked = new AbortController();
    this.#asked = asked;
    try {
      const items = await api.knownAt(at, asked.signal);
      if (!asked.signal.aborted) this.known = new Map(items.map((item) => [item.id, item]));
    } catch {
      // The link's own state tells that the server is away.
    }
  }
}

export const moment = new Moment();
