// The server's HTTP contract: the JSON forms of `truce-core`, and one typed call per route.
// Nothing here keeps state or knows the page.

import type { Feature, FeatureCollection, Geometry } from 'geojson';

/** RFC 3339, UTC. */
export type Timestamp = string;
export type Slug = string;
/** 64 hexadecimal digits. */
export type Digest = string;

export interface Interval {
  start: Timestamp;
  end: Timestamp;
}
export interface Position {
  lat_deg: number;
  lon_deg: number;
}
/** One standard deviation; the 90 % contour is 2.146 times as large. */
export interface Ellipse {
  semi_major_m: number;
  semi_minor_m: number;
  bearing_deg: number;
}
export interface Place {
  position: Position;
  uncertainty: Ellipse;
}

export const INCIDENT_KINDS = [
  'physical_event',
  'presence',
  'passage',
  'corridor_deviation',
  'unauthorised_stop',
  'obstruction',
  'signal_gap',
  'position_anomaly',
  'gnss_interference',
  'weapon_sighting',
  'mines_or_works',
  'access_denied',
  'passage_refused',
  'civilian_harm',
  'object_damaged',
  'movement',
  'identity_conflict',
  'encounter',
  'loitering',
  'close_approach',
  'dark_vessel',
  'straits_limit',
] as const;
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

export type EventClass =
  | 'artillery'
  | 'drone_strike'
  | 'small_arms'
  | 'farm_fire'
  | 'industrial_heat'
  | 'quarry_blast'
  | 'thunder'
  | 'other';

export const STATUSES = [
  'reported',
  'under_verification',
  'corroborated',
  'verified',
  'attributed',
  'closed',
  'unverifiable',
  'not_a_violation',
  'retracted',
] as const;
export type Status = (typeof STATUSES)[number];

export const VERDICTS = ['breach', 'undetermined', 'compliant'] as const;
export type Verdict = (typeof VERDICTS)[number];

export const STANCES = ['accepts', 'disputes', 'explains'] as const;
export type Stance = (typeof STANCES)[number];

export interface ClauseVerdict {
  clause: Slug;
  clause_kind: string;
  verdict: Verdict;
}

export interface IncidentSummary {
  id: Digest;
  short_id: string;
  revision: number;
  kind: IncidentKind;
  class: EventClass | null;
  occurred: Interval;
  place: Place;
  probability: number;
  likelihood: string;
  status: Status;
  serial: number | null;
  disputed_by: Slug[];
  sector: Slug | null;
  zone: Slug | null;
  verdicts: ClauseVerdict[];
  attributed_to: Slug | null;
  leading_party: { party: Slug; p: number } | null;
  evidence_count: number;
  first_reported_at: Timestamp;
  updated_at: Timestamp;
  next_clock: Timestamp | Clock | null;
  withdrawn: boolean;
}

export interface Term {
  name: Slug;
  text: string;
  log_odds: number;
  observation?: Digest;
  sensor?: Slug;
}
export interface Attribution {
  parties: Record<Slug, number>;
  terms?: [Slug, Term][];
}
export interface Incident {
  id: Digest;
  revision: number;
  kind: IncidentKind;
  occurred: Interval;
  place: Place;
  probability: number;
  classes?: Partial<Record<EventClass, number>>;
  attribution: Attribution;
  evidence: Digest[];
  explanation: Term[];
  track?: Digest;
  zone?: Slug;
  attributes?: Record<Slug, string>;
  withdrawn?: { part_of: Digest } | 'unsupported' | 'taken_back';
}

export type Location =
  | { fix: { place: Place; height?: { height_m: number; above: string } } }
  | {
      bearing: {
        observer: Position;
        bearing_deg: number;
        bearing_deg_sigma: number;
        range?: { range_m: number; range_m_sigma: number };
      };
    }
  | { area: { ring: Position[] } }
  | { arrival: { station: Position; arrival_s_sigma: number } }
  | {
      relative: {
        from: Slug;
        reference: Position;
        bearing_deg: number;
        distance_m: number;
        sigma_m: number;
      };
    };

export interface Observation {
  id: Digest;
  message: Digest;
  source: Slug;
  sensor?: Slug;
  observed_at: Interval;
  received_at: Timestamp;
  location?: Location;
  /** One key, the kind of reading; its fields differ by kind and are shown as they are. */
  reading: Record<string, unknown>;
  grade: { reliability: string; credibility: string };
}
export interface RawMessage {
  source: Slug;
  received_at: Timestamp;
  text?: string;
  base64?: string;
}
export interface EvidenceItem {
  observation: Observation;
  raw: RawMessage | null;
  entry: number | null;
  row: number | null;
}

export interface Assessment extends ClauseVerdict {
  incident: Digest;
  revision: number;
  agreement_effective_from: Timestamp;
  reasons: string[];
  breach_under_text_of?: Slug[];
  clause_title: string;
  clause_text: string;
  article: string;
}

export const VISIT_MEANS = ['patrol', 'drone'] as const;
export const VISIT_OUTCOMES = [
  'confirmed',
  'refuted',
  'inconclusive',
  'access_denied',
  'abandoned',
] as const;
export type VisitMeans = (typeof VISIT_MEANS)[number];
export type VisitOutcome = (typeof VISIT_OUTCOMES)[number];

export type Action =
  | 'remark'
  | 'split'
  | { move_to: Status }
  | { attribute: { party: Slug } }
  | { ask_visit: { means: VisitMeans; due_at?: Timestamp } }
  | { report_visit: { visit: number; outcome: VisitOutcome } }
  | { open_inquiry: { party: Slug } }
  | { release: { to: Slug[] } }
  | { escalate: { to: Slug } }
  | { acknowledge: { by: Slug } }
  | { meet_clock: { clock: Slug } }
  | { merge_into: { incident: Digest } };

/** What officers did around a finding, read from its history. */
export interface Procedure {
  visits: {
    means: VisitMeans;
    asked_at: Timestamp;
    due_at: Timestamp | null;
    outcome: [VisitOutcome, Timestamp] | null;
  }[];
  inquiries: { party: Slug; opened_at: Timestamp; answered: [Status, Timestamp] | null }[];
  /** To whom, and who proposed it. */
  release_proposed: [Slug[], Slug] | null;
  releases: { to: Slug[]; officers: [Slug, Slug]; released_at: Timestamp }[];
  referrals: { to: Slug; referred_at: Timestamp; acknowledged_at: Timestamp | null }[];
  clocks_met: [Slug, Timestamp][];
  merged_into: Digest | null;
}
export interface ClockReading {
  name: Slug;
  due_at: Timestamp;
  warns_at: Timestamp;
  state: 'running' | 'due_soon' | 'lapsed' | 'met' | 'met_late';
  left_s: number;
}
/** What may be done now; `needs` names what must be given: reason, party, second_officer. */
export interface AllowedAction {
  action: 'remark' | 'attribute' | { move_to: Status };
  label: string;
  needs: string[];
}
export interface Decision {
  incident: Digest;
  officer: Slug;
  decided_at: Timestamp;
  action: Action;
  reason: string;
}
export interface Reply {
  incident: Digest;
  party: Slug;
  replied_at: Timestamp;
  stance: Stance;
  text: string;
}
export type Step = { decision: Decision } | { reply: Reply };
export interface Clock {
  name: Slug;
  starts_at: Timestamp;
  due_at: Timestamp;
}
export interface Finding {
  serial: number;
  incident: Digest;
  incident_revision: number;
  status: Status;
  attributed_to?: Slug;
  /** The party, and the officer who named it first. */
  attribution_proposed?: [Slug, Slug];
  disputed_by?: Slug[];
  clocks?: Clock[];
  history: Step[];
}

export interface Revision {
  revision: number;
  recorded_at: Timestamp;
  /** When the mission could have said it; of what was read in later, earlier than it was recorded. */
  known_at: Timestamp;
  probability: number;
  evidence_count: number;
  entry: number | null;
  row: number | null;
}
export interface Proof {
  entry: number | null;
  row: number | null;
  log_size: number;
  logged: boolean;
  witnessed: boolean;
  checkpoint: string;
}
export interface IncidentDetail {
  summary: IncidentSummary;
  incident: Incident;
  revisions: Revision[];
  evidence: EvidenceItem[];
  assessments: Assessment[];
  finding: Finding | null;
  allowed: AllowedAction[];
  procedure: Procedure;
  clocks: ClockReading[] | null;
  proof: Proof;
}

export interface TrackPoint {
  observed_at: Timestamp;
  place: Place;
  speed_m_s?: number;
  course_deg?: number;
}
export interface TrackSummary {
  id: Digest;
  kind: string;
  identity: Record<string, unknown> | null;
  name: string | null;
  actor: Slug | null;
  existence: number;
  observation_count: number;
  first_observed_at: Timestamp;
  last: TrackPoint;
  /** Longitude, latitude, Unix seconds. */
  tail: [number, number, number][];
}

/** Longitude, latitude, Unix seconds, and course when known. */
export interface TrackPath {
  id: Digest;
  points: [number, number, number, number | null][];
}

export interface Actor {
  id: Slug;
  name: string;
  role: string;
}
export interface Mission {
  name: Slug;
  title: string;
  summary: string;
  log_origin: string;
  report: { time_zone: string; cut_off_hour: number; cut_off_minute: number };
  attribution_threshold: number;
  alert_threshold: number;
  actors: Actor[];
  sectors: { id: Slug; name: string; zone: Slug }[];
}
export interface Clause {
  id: Slug;
  kind: string;
  title: string;
  article: string;
  text: string;
  binds: Slug[];
  zones: Slug[];
  /** Texts of single parties, where they signed other words. */
  text_of?: { party: Slug; text: string; zones: Slug[] }[];
}
export interface Agreement {
  title: string;
  versions: { effective_from: Timestamp; clauses: Clause[] }[];
  /** What suffices for a step of a finding, in the mission's words. */
  standards: { status: string; text: string }[];
}
export interface MissionDocument {
  mission: Mission;
  agreement: Agreement;
  disclaimer: string;
}

export interface ZoneProperties {
  id: Slug;
  name: string;
  kind: string;
  party: Slug | null;
  weapon: Slug | null;
  basis: string | null;
  floor_m?: number | null;
  ceiling_m?: number | null;
  clauses: Slug[];
}
export type ZoneFeature = Feature<Geometry, ZoneProperties>;
export type Zones = FeatureCollection<Geometry, ZoneProperties>;

export interface SensorProperties {
  id: Slug;
  name: string;
  type: 'post' | 'sensor';
  kind: string | null;
  health: string;
  last_message_at: Timestamp | null;
  sector: Slug | null;
}
export type Sensors = FeatureCollection<Geometry, SensorProperties>;

export interface FeedItem {
  id: Slug;
  name: string;
  format: string;
  purpose: string;
  messages: number;
  observations: number;
  rejections: number;
  duplicates: number;
  last_received_at: Timestamp | null;
  rejection_classes: { class: string; count: number; example: string }[];
  transport: string;
  /** Messages a second that it may send. */
  quota_per_s: number | null;
  /** Over about the last minute. */
  rate_per_s: number;
  /** Median time from event to arrival; negative when the source's clock is fast. */
  clock_offset_s: number | null;
  lost: number;
  /** The alarm of a silence that is longer than it may be. */
  silence: { since: Timestamp; noticed_at: Timestamp; expected_s: number; own_rate: boolean } | null;
  /** `null` where the serving process runs no transport. */
  link: {
    state: string;
    text: string;
    since: Timestamp;
    waiting: number;
    lost: number;
    refused: number;
  } | null;
  keys: {
    id: Slug;
    valid_from: Timestamp | null;
    revoked_at: Timestamp | null;
    observations_revoked: number;
  }[];
}

/** Someone who is told what the log newly says. */
export interface Receiver {
  id: Slug;
  transport: string;
  to: string;
  state: string;
  since: Timestamp;
  last_error: { text: string; since: Timestamp } | null;
  delivered: number;
  last_delivered: {
    key: string;
    event: string;
    at: { entry: number; row: number };
    delivered_at: Timestamp;
  } | null;
  next_entry: number;
  /** Published entries of the log that were not looked at for it yet. */
  entries_waiting: number;
}

/** Shipping as the watch over it has it. */
/** Warships through straits, as declared. */
export interface StraitsState {
  at: Timestamp;
  transit_t: number;
  transit_t_max: number;
  sea_t: number;
  sea_t_max: number;
  power_t_max: number;
  powers_t: Record<string, number>;
  vessels: {
    vessel: string;
    flag: string;
    tonnage_t: number;
    entered_at: Timestamp;
    leaves_at: Timestamp | null;
    leave_by: Timestamp;
  }[];
}
export interface SeaState {
  /** Left out when the mission names no straits. */
  straits?: StraitsState;
  at: Timestamp | null;
  vessels: number;
  corridors: {
    zone: Slug;
    name: string;
    vessels_inside: number;
    /** Towards the end and towards the beginning of the corridor's middle line. */
    directions: {
      transits: number;
      transits_24_h: number;
      transit_s: number | null;
      transit_s_normal: number | null;
    }[];
  }[];
  queues: {
    zone: Slug | null;
    place: Position;
    waiting: number;
    waiting_normal: number;
    waiting_most: number;
    moored: number;
    longest_wait_s: number;
    wait_s_normal: number | null;
  }[];
  closures: {
    place: Position;
    closed_at: Timestamp;
    reopened_at: Timestamp | null;
    blocker: number | null;
  }[];
  behaviours: {
    incident: Digest;
    kind: string;
    behaviour: string;
    track: Digest | null;
    identity: string | null;
    zone: Slug | null;
    occurred: Interval;
    place: Place;
    probability: number;
    ended: boolean;
  }[];
  interference: {
    incident: Digest | null;
    place: Position;
    radius_m: number;
    occurred: Interval;
    vessels: number;
  }[];
}

export interface HourCount {
  hour: Timestamp;
  count: number;
  breaches: number;
}
export interface Summary {
  incidents_by_kind: Record<string, number>;
  incidents_by_status: Record<string, number>;
  breaches_by_clause: Record<string, number>;
  hourly: HourCount[];
  tracks: number;
  observations: number;
  period: { start: Timestamp | null; end: Timestamp | null };
  now: Timestamp | null;
}

/** Since when which version of the engine concludes; with who amended the mission, and why. */
export interface Epoch {
  entry: number;
  engine: number;
  began_at: Timestamp;
  by: string | null;
  reason: string | null;
}

export interface LogState {
  origin: string;
  size: number;
  root: string;
  published_at: Timestamp | null;
  verifier_key: string;
  checkpoint: string;
  witnessed: boolean;
  witnesses: unknown[];
  epochs: Epoch[];
  /** Entries that were concluded again since the server started, until all are. */
  opening: { done: number; total: number } | null;
}

interface Page<T> {
  items: T[];
  next?: string | null;
  total?: number;
}

/** What the server said instead of an answer. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint: string | null,
  ) {
    super(message);
  }
}

async function refuse(response: Response): Promise<never> {
  const body: unknown = await response.json().catch(() => null);
  const error = (body as { error?: { code?: string; message?: string; hint?: string } } | null)
    ?.error;
  throw new ApiError(
    response.status,
    error?.code ?? 'http',
    error?.message ?? `${response.status} ${response.statusText}`,
    error?.hint ?? null,
  );
}

const READ: RequestInit = { headers: { accept: 'application/json' } };
/** Answers on their way that nobody has taken yet. */
const asked = new Map<string, Promise<Response>>();

/** The answer of a path that reads. */
export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  const early = asked.get(path);
  asked.delete(path);
  const response = await (early ?? fetch(path, signal ? { ...READ, signal } : READ));
  if (!response.ok) return refuse(response);
  return (await response.json()) as T;
}

async function post<T>(path: string, body: unknown): Promise<T> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) return refuse(response);
  return (await response.json()) as T;
}

/** What reports there are: `GET /api/reports`. */
export interface ReportList {
  kinds: string[];
  kinds_of_incident: string[];
  formats: string[];
  periods: { date: string; start: Timestamp; end: Timestamp }[];
}

/** Most items the server gives at once. */
const PAGE_ITEMS = 5000;
/** Most incidents the page holds: what the map is built for. */
export const INCIDENTS_MAX = 50_000;
const TRACKS_MAX = 5000;

const TRACKS = `/api/tracks?limit=${TRACKS_MAX}`;
const INCIDENTS = '/api/incidents';
const incidentsPath = (after: string | null): string => {
  const query = new URLSearchParams({ sort: 'time', limit: String(PAGE_ITEMS) });
  if (after) query.set('after', after);
  return `${INCIDENTS}?${query.toString()}`;
};
/** What the first picture needs, the incidents first. */
const FIRST = [
  incidentsPath(null),
  '/api/mission',
  '/api/summary',
  '/api/log',
  '/api/zones',
  '/api/sensors',
  TRACKS,
];

export const api = {
  mission: () => read<MissionDocument>('/api/mission'),
  zones: () => read<Zones>('/api/zones'),
  sensors: () => read<Sensors>('/api/sensors'),
  feeds: () => read<Page<FeedItem>>('/api/feeds').then((page) => page.items),
  receivers: () => read<Page<Receiver>>('/api/notify').then((page) => page.items),
  summary: () => read<Summary>('/api/summary'),
  log: () => read<LogState>('/api/log'),
  paths: (from: number, to: number) =>
    read<{ items: TrackPath[]; complete: boolean }>(
      `/api/paths?from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`,
    ),
  tracks: () => read<Page<TrackSummary>>(TRACKS).then((p) => p.items),
  incident: (id: string, signal?: AbortSignal) =>
    read<IncidentDetail>(`/api/incidents/${encodeURIComponent(id)}`, signal),
  evidenceHref: (id: string) => `/api/incidents/${encodeURIComponent(id)}/evidence`,
  /** A report as a page of its own; without a date, the newest that holds incidents. */
  reportHref: (kind: string, asked: Record<string, string | null>) => {
    const given = Object.entries(asked).filter((entry): entry is [string, string] => !!entry[1]);
    return `/api/report/${kind}?${new URLSearchParams(given).toString()}`;
  },

  /** All incidents, newest first, page by page; `arrived` sees each page as it comes. */
  async incidents(arrived: (items: IncidentSummary[], total: number) => void): Promise<void> {
    let after: string | null = null;
    let held = 0;
    do {
      const page: Page<IncidentSummary> = await read(incidentsPath(after));
      held += page.items.length;
      arrived(page.items, page.total ?? held);
      after = page.items.length > 0 ? (page.next ?? null) : null;
    } while (after && held < INCIDENTS_MAX);
  },

  /** All incidents as the mission knew them at an instant. */
  async knownAt(at: number, signal: AbortSignal): Promise<IncidentSummary[]> {
    const held: IncidentSummary[] = [];
    let after: number | null = 0;
    do {
      const query = `at=${new Date(at).toISOString()}&after=${after}`;
      const page: { items: IncidentSummary[]; next: number | null } = await read(
        `/api/known?${query}`,
        signal,
      );
      held.push(...page.items);
      after = page.next;
    } while (after !== null && held.length < INCIDENTS_MAX);
    return held;
  },

  decide: (id: string, decision: { officer: Slug; action: Action; reason: string }) =>
    post<{ finding: Finding }>(`/api/incidents/${encodeURIComponent(id)}/decisions`, decision),
  reply: (id: string, reply: { party: Slug; stance: Stance; text: string }) =>
    post<{ finding: Finding }>(`/api/incidents/${encodeURIComponent(id)}/replies`, reply),
};

export interface EventHandlers {
  hello: () => void;
  lost: () => void;
  incident: (item: IncidentSummary) => void;
  track: (item: TrackSummary) => void;
  finding: (item: Finding) => void;
  feed: () => void;
  checkpoint: (log: LogState) => void;
}

const EVENTS = ['hello', 'incident', 'track', 'finding', 'feed', 'checkpoint'] as const;

function listen(source: EventSource, hear: (event: MessageEvent<string>) => void): () => void {
  const hearEvent = hear as (event: Event) => void;
  for (const name of EVENTS) source.addEventListener(name, hearEvent);
  return () => EVENTS.forEach((name) => source.removeEventListener(name, hearEvent));
}

/** The stream that was opened before the page was there to hear it, and what it said since. */
let early: { source: EventSource; heard: MessageEvent<string>[]; stop: () => void } | null = null;

/**
 * Asks for the first picture while the page itself is still read; each answer is taken once. The
 * events are followed from before the first answer is made, so that no change falls between.
 */
export function askEarly(): void {
  const source = new EventSource('/api/events');
  const heard: MessageEvent<string>[] = [];
  early = { source, heard, stop: listen(source, (event) => heard.push(event)) };
  for (const path of FIRST) {
    const answer = fetch(path, READ);
    // Whoever takes it hears of a failure.
    answer.catch(() => undefined);
    asked.set(path, answer);
  }
}

/** Follows the server's events until the returned function is called. */
export function follow(handlers: EventHandlers): () => void {
  const { source, heard, stop } = early ?? {
    source: new EventSource('/api/events'),
    heard: [],
    stop: () => undefined,
  };
  early = null;
  stop();
  const take = (event: MessageEvent<string>): void => {
    const told = handlers[event.type as (typeof EVENTS)[number]] as (data: unknown) => void;
    told(JSON.parse(event.data));
  };
  heard.forEach(take);
  listen(source, take);
  source.onerror = () => handlers.lost();
  return () => source.close();
}
