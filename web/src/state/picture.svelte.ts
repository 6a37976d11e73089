// What the page knows of the mission: loaded once, then kept up to date by the server's events.
// Events are gathered and applied together, so that a busy hour does not redraw the page each time.

import {
  api,
  follow,
  type Finding,
  type IncidentSummary,
  type LogState,
  type MissionDocument,
  type Sensors,
  type Summary,
  type TrackSummary,
  type Zones,
} from '../api';
import { concerns, select } from '../model/filter';
import { heardLately, periodAt, trackAt, unknownThen } from '../model/shown';
import { instant } from '../model/time';
import { partyColour } from '../map/palette';
import { inbox } from './inbox.svelte';
import { moment } from './moment.svelte';
import { navigation } from './route.svelte';
import { preferences } from './preferences.svelte';

export type Link = 'connecting' | 'connected' | 'reconnecting';

/** The first event is shown at once; those that follow it within this time are shown together. */
const GATHER_MS = 150;
/** Positions are gathered longer: every one of them redraws all tracks. */
const GATHER_TRACKS_MS = 1000;
/** Counts and the clock are asked for again at most this often while events arrive. */
const SUMMARY_MS = 3000;
/** They are asked for this often even when nothing happens. */
const QUIET_MS = 30_000;
/** A data time this close to the wall clock counts as the present and runs on. */
const PRESENT_MS = 300_000;

const NOTHING: ReadonlyMap<string, IncidentSummary> = new Map();

class Picture {
  document: MissionDocument | null = $state.raw(null);
  zones: Zones | null = $state.raw(null);
  sensors: Sensors | null = $state.raw(null);
  summary: Summary | null = $state.raw(null);
  log: LogState | null = $state.raw(null);
  incidents: ReadonlyMap<string, IncidentSummary> = $state.raw(new Map());
  tracks: ReadonlyMap<string, TrackSummary> = $state.raw(new Map());
  /** How many incidents the server has; the page may hold fewer. */
  total = $state(0);
  loaded = $state(false);
  /** True once the first incidents are there, or cannot be had. */
  listed = $state(false);
  failure: string | null = $state(null);
  link: Link = $state('connecting');
  /** Counts up whenever an incident changed on the server: its id, so that an open page reloads. */
  changed: { id: string; count: number } = $state.raw({ id: '', count: 0 });
  feedsChanged = $state(0);
  /** Ids that arrived by event since the page was opened. */
  fresh: ReadonlySet<string> = $state.raw(new Set());

  readonly zone = $derived(this.document?.mission.report.time_zone ?? 'UTC');
  /** The period in which incidents are shown: as chosen, and no later than the moment. */
  readonly period = $derived(periodAt(navigation.period, navigation.at, navigation.trail_h));
  /** Incidents as known: today, or at the moment when that is asked for. */
  readonly held: ReadonlyMap<string, IncidentSummary> = $derived(
    navigation.at !== null && navigation.knowledge === 'then'
      ? (moment.known ?? NOTHING)
      : this.incidents,
  );
  readonly selection: IncidentSummary[] = $derived.by(() => {
    const passing = select(this.held.values(), navigation.filter, this.period, navigation.sort);
    const { only } = navigation.filter;
    return only === null ? passing : passing.filter((item) => concerns(item, only, inbox));
  });
  /** What had happened by the moment without the mission knowing of it then. */
  readonly unknownThen: IncidentSummary[] = $derived(
    navigation.at !== null && navigation.knowledge === 'then' && moment.known
      ? unknownThen(this.incidents.values(), moment.known, navigation.filter, this.period)
      : [],
  );
  /** Tracks as they are, or as they were at the moment; none that was not heard of lately. */
  readonly moving: TrackSummary[] = $derived.by(() => {
    const at = navigation.at;
    if (at === null) return heardLately(this.tracks.values(), this.#minute);
    return [...this.tracks.values()]
      .map((track) => trackAt(track, moment.points(track.id, at), at))
      .filter((track) => track !== null);
  });
  readonly parties = $derived(
    (this.document?.mission.actors ?? []).filter((actor) => actor.role === 'party'),
  );

  #incoming = new Map<string, IncidentSummary>();
  /** Incidents that were told of since the list was asked for; they are newer than the list. */
  #meanwhile = new Map<string, IncidentSummary>();
  #moved = new Map<string, TrackSummary>();
  #gathering: number | null = null;
  #flushed = 0;
  #gatheringTracks: number | null = null;
  #summaryAsked = 0;
  #summaryReceived = 0;
  #clock = $state(Date.now());

  /** The mission's present, in milliseconds: the server's own time, running on while it is live. */
  readonly now: number | null = $derived.by(() => {
    const told = this.summary?.now;
    if (!told) return null;
    const at = instant(told);
    const present = Math.abs(at - this.#summaryReceived) < PRESENT_MS;
    return present ? at + Math.max(0, this.#clock - this.#summaryReceived) : at;
  });

  /** The present to the minute, so that a running clock does not draw all tracks anew each second. */
  readonly #minute = $derived(Math.floor((this.now ?? 0) / 60_000) * 60_000);

  actorName(id: string): string {
    return this.document?.mission.actors.find((actor) => actor.id === id)?.name ?? id;
  }
  sectorName(id: string): string {
    return this.document?.mission.sectors.find((sector) => sector.id === id)?.name ?? id;
  }
  zoneName(id: string): string {
    return this.zones?.features.find((z) => z.properties.id === id)?.properties.name ?? id;
  }
  partyColour(id: string): string {
    const n = this.parties.findIndex((party) => party.id === id);
    return partyColour(Math.max(0, n), preferences.theme);
  }

  async load(): Promise<void> {
    this.failure = null;
    try {
      const [document, zones, sensors, summary, log] = await Promise.all([
        api.mission(),
        api.zones(),
        api.sensors(),
        api.summary(),
        api.log(),
        this.#loadIncidents(),
        this.#loadTracks(),
      ]);
      this.#summaryReceived = Date.now();
      this.document = document;
      this.zones = zones;
      this.sensors = sensors;
      this.summary = summary;
      this.log = log;
      this.loaded = true;
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
    }
  }

  /** Follows the server's events until the returned function is called. */
  follow(): () => void {
    const stop = follow({
      hello: () => {
        const again = this.link === 'reconnecting';
        this.link = 'connected';
        if (again) void this.load();
      },
      lost: () => {
        this.link = 'reconnecting';
      },
      incident: (item) => {
        this.#incoming.set(item.id, item);
        this.#gather();
      },
      track: (item) => {
        this.#moved.set(item.id, item);
        this.#gatheringTracks ??= window.setTimeout(() => this.#takeTracks(), GATHER_TRACKS_MS);
      },
      finding: (finding) => this.#found(finding),
      feed: () => {
        this.feedsChanged += 1;
      },
      checkpoint: (log) => {
        this.log = log;
        void this.#refreshSummary();
      },
    });
    const tick = window.setInterval(() => {
      this.#clock = Date.now();
      if (Date.now() - this.#summaryAsked > QUIET_MS) void this.#refreshSummary();
      if (this.log?.opening) void this.#refreshLog();
    }, 1000);
    return () => {
      stop();
      window.clearInterval(tick);
    };
  }

  /** Takes the server's answer to a decision or reply without waiting for its event. */
  take(item: IncidentSummary): void {
    this.incidents = new Map(this.incidents).set(item.id, item);
  }

  async #loadIncidents(): Promise<void> {
    const held = new Map<string, IncidentSummary>();
    const meanwhile = (this.#meanwhile = new Map());
    try {
      await api.incidents((items, total) => {
        for (const item of items) held.set(item.id, item);
        this.total = total;
        // The newest are shown while the others are on their way.
        if (!this.listed) this.incidents = new Map([...held, ...meanwhile]);
        this.listed = true;
      });
      this.incidents = new Map([...held, ...meanwhile]);
    } finally {
      this.listed = true;
    }
  }

  async #loadTracks(): Promise<void> {
    const items = await api.tracks();
    this.tracks = new Map(items.map((item) => [item.id, item]));
  }

  #found(finding: Finding): void {
    this.changed = { id: finding.incident, count: this.changed.count + 1 };
  }

  #gather(): void {
    const wait = Math.max(0, this.#flushed + GATHER_MS - performance.now());
    this.#gathering ??= window.setTimeout(() => this.#flush(), wait);
  }

  #flush(): void {
    this.#gathering = null;
    this.#flushed = performance.now();
    if (this.#incoming.size > 0) this.#takeIncidents();
    void this.#refreshSummary();
  }

  #takeTracks(): void {
    this.#gatheringTracks = null;
    this.tracks = new Map([...this.tracks, ...this.#moved]);
    this.#moved.clear();
  }

  #takeIncidents(): void {
    const held = new Map(this.incidents);
    const fresh = new Set(this.fresh);
    for (const [id, item] of this.#incoming) {
      if (!held.has(id)) {
        fresh.add(id);
        this.total += 1;
      }
      held.set(id, item);
      this.#meanwhile.set(id, item);
      this.changed = { id, count: this.changed.count + 1 };
    }
    this.incidents = held;
    this.fresh = fresh;
    this.#incoming.clear();
  }

  /** How far the log is while the server opens it: that is no event. */
  async #refreshLog(): Promise<void> {
    try {
      this.log = await api.log();
    } catch {
      // The next second asks again.
    }
  }

  async #refreshSummary(): Promise<void> {
    if (Date.now() - this.#summaryAsked < SUMMARY_MS) return;
    this.#summaryAsked = Date.now();
    try {
      this.summary = await api.summary();
      this.#summaryReceived = Date.now();
    } catch {
      // The link's own state already tells that the server is away; the next event asks again.
    }
  }
}

export const picture = new Picture();
