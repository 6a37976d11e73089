// The planning answers of the server, typed, and how its questions are written. Pure.

import type { FeatureCollection, LineString, Point, Polygon } from 'geojson';
import type { Slug, Timestamp } from '../api';
import type { Level, Route } from './route';

export type Truth = 'true' | 'false' | 'unknown';
export type Ballot = 'yes' | 'no' | 'abstain';

export interface Condition {
  id: Slug;
  title: string;
  state: Truth;
  as_of: string;
  evidence: string;
  decided_by_vote: Slug | null;
  illustrative: boolean;
}
export interface Requirement {
  id: Slug;
  title: string;
  layer: Slug;
  territory: Slug;
  place: Slug;
  capability: string;
  quantity: number;
  priority: number;
  impartial_only: boolean;
  illustrative: boolean;
  basis: string;
}
export type Expression = { is: Slug } | { all: Expression[] } | { any: Expression[] };
export interface Contribution {
  id: Slug;
  title: string;
  contributor: Slug;
  capability: string;
  quantity: number | null;
  impartial: boolean;
  status: 'firm' | 'conditional' | 'under_review' | 'refused';
  when: Expression;
  notice_days: number | null;
  readiness: string | null;
  positions: Slug[];
  illustrative: boolean;
  basis: string;
}
export interface PublicPosition {
  id: Slug;
  actor: Slug;
  speaker: string | null;
  date: string;
  text: string;
  note: string | null;
  reported_by: string;
  contradicts: Slug[];
}
export interface WatchArea {
  id: Slug;
  title: string;
  place: Slug;
  zone: Slug;
}
export interface Violation {
  id: Slug;
  title: string;
  clauses: Slug[];
  areas: Slug[];
  lasts_s: number;
}
export interface Means {
  id: Slug;
  title: string;
}
export interface Coalition {
  places: { id: Slug; name: string }[];
  conditions: Condition[];
  exclusions: { id: Slug; conditions: Slug[]; text: string }[];
  requirements: Requirement[];
  contributions: Contribution[];
  positions: PublicPosition[];
  watch: { areas: WatchArea[]; violations: Violation[]; means: Means[] };
}
export interface Vote {
  id: Slug;
  title: string;
  year: number;
  date: string | null;
  matter: 'procedural' | 'pacific_settlement' | 'other';
  parties_to_dispute: Slug[];
  held: boolean;
  ballots: Record<Slug, Ballot>;
  illustrative: boolean;
  source: string;
}
export interface LegalBasis {
  id: Slug;
  title: string;
  kind: string;
  vote: Slug | null;
  needs: Expression;
  illustrative: boolean;
  source: string;
}
export interface Mandate {
  layers: { id: Slug; title: string; territories: Slug[] }[];
  territories: { id: Slug; title: string }[];
  councils: { year: number; members: { id: Slug; name: string; permanent: boolean }[] }[];
  votes: Vote[];
  bases: LegalBasis[];
}
export interface PlanFiles {
  coalition: Coalition;
  mandate: Mandate;
}

export type Step =
  | { hold_vote: { vote: Slug } }
  | { win_votes: { vote: Slug; missing: number } }
  | { lift_veto: { vote: Slug; by: Slug[] } }
  | { fulfil: { condition: Slug } }
  | 'renew'
  | 'out_of_reach';
export interface Permission {
  layer: Slug;
  territory: Slug;
  basis: Slug;
  state: Truth;
  only: string[];
  missing: Step[];
}
export interface Tally {
  yes: number;
  no: number;
  abstain: number;
  vetoed_by: Slug[];
  adopted: boolean;
}
export interface Fulfilment {
  requirement: Slug;
  needed: number;
  met: number;
  could_be_met: number;
  assigned: [Slug, number][];
  gap: {
    requirements: Slug[];
    contributions: Slug[];
    wanted: number;
    offered: number;
    proven_by_sum: boolean;
  } | null;
  permitted: Truth;
  could_help: {
    contribution: Slug;
    quantity: number | null;
    refused: boolean;
    missing: Step[];
  }[];
}
export interface Plan {
  votes: { vote: Slug; held: boolean; by_text: Tally; in_practice: Tally; adopted: Truth }[];
  conditions: Record<Slug, Truth>;
  contradictions: Slug[];
  permissions: Permission[];
  pledges: { contribution: Slug; state: Truth; waiting_for: Slug[] }[];
  requirements: Fulfilment[];
}
export interface Outcome {
  plan: Plan;
  swings: [Slug, Ballot][][];
  training: { requirement: Slug; needed: number; instructors: number; seats: number }[];
  sites: { site: Slug; seats: number; trainees_max: number }[];
}
export type Key = { condition: Slug } | { pledge: Slug } | { vote: Slug };
export interface Unlock {
  worlds: {
    ruled_out: Slug[];
    wanted: number;
    met: number;
    reachable: number;
    sets: Key[][];
    complete: boolean;
    blockers: Key[][];
    conditions: { key: Key; share: number }[];
    pledges: { key: Key; share: number }[];
    exact: boolean;
  }[];
}

export interface Frame {
  from: Timestamp;
  to: Timestamp;
  cell_m: number;
  /** Instruments left out because they had said they were off or jammed. */
  silent: Slug[];
}
export interface Chances {
  violation: Slug;
  access: number;
  planned: number;
  delivered: number;
  delivered_least: number;
  by_satellites: number;
}
export interface AreaPicture {
  area: Slug;
  area_km2: number;
  accesses_per_day: number;
  gap_h_max: number;
  wait_h_mean: number;
  violations: Chances[];
}
export interface Overpass {
  means: Slug;
  area: Slug;
  from_s: number;
  until_s: number;
  share: number;
}
export interface Coverage {
  frame: Frame;
  picture: {
    means: { means: Slug; planned: number; delivered: number }[];
    areas: AreaPicture[];
    clauses: { clause: Slug; planned: number; delivered: number }[];
  };
  passes: Overpass[];
}
export type Cells = FeatureCollection<
  Polygon,
  { area: Slug; violation: Slug; detection_probability: number }
> & { frame: Frame };
/** Ground tracks, what is seen from them, and where satellites are at the moment. */
export type Passes = FeatureCollection<
  LineString | Polygon | Point,
  {
    part: 'track' | 'swath' | 'satellite';
    means: Slug;
    from: Timestamp;
    until: Timestamp;
    /** `null` for a satellite that flies as designed, for want of an element set. */
    element_age_days: number | null;
  }
> & { at: Timestamp };
export interface Tasks {
  frame: Frame;
  routes: FeatureCollection<LineString, { vehicle: string; time_s: number; sites: string[] }>;
  value: number;
  value_max: number;
  requests: { means: Slug; area: Slug; from_s: number; value: number }[];
}

/** What a view of the page assumes, as a query. */
export function assumed(route: Pick<Route, 'assume' | 'ballots' | 'without'>): URLSearchParams {
  const query = new URLSearchParams();
  if (route.assume.length > 0) query.set('assume', route.assume.join(','));
  if (route.ballots.length > 0) query.set('ballot', route.ballots.join(','));
  if (route.without.length > 0) query.set('without', route.without.join(','));
  return query;
}

export function question(path: string, ...parts: URLSearchParams[]): string {
  const text = parts.map((part) => part.toString()).filter((part) => part !== '');
  return text.length > 0 ? `${path}?${text.join('&')}` : path;
}

/** The hour of an instant, as one question: a moving moment asks once an hour. */
export function hourOf(at: number): number {
  return Math.floor(at / 3_600_000) * 3_600_000;
}

export function cellsQuestion(
  route: Pick<Route, 'assume' | 'ballots' | 'without' | 'violation'> & { level: Level },
  at: number,
): string {
  const query = new URLSearchParams({ at: new Date(hourOf(at)).toISOString(), level: route.level });
  if (route.violation) query.set('violation', route.violation);
  return question('/api/plan/coverage/cells', assumed(route), query);
}

/** Satellites are asked for minute by minute, however finely the moment moves. */
export function passesQuestion(at: number): string {
  const minute = Math.floor(at / 60_000) * 60_000;
  return `/api/plan/passes?at=${new Date(minute).toISOString()}`;
}

/** A list of `NAME=STATE` with one name's state changed, or taken out with `null`. */
export function stated(list: readonly string[], name: string, state: string | null): string[] {
  const others = list.filter((part) => !part.startsWith(`${name}=`));
  return state === null ? others : [...others, `${name}=${state}`];
}

/** The state that a list gives a name. */
export function stateOf(list: readonly string[], name: string): string | null {
  return list.find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
}

/** The conditions that an expression names, in order. */
export function namesOf(expression: Expression): Slug[] {
  if ('is' in expression) return [expression.is];
  return ('all' in expression ? expression.all : expression.any).flatMap(namesOf);
}

/** Of each layer and territory the best permission, then the one with the fewest missing steps. */
export function nearest(permissions: readonly Permission[]): Permission[] {
  const states: Record<Truth, number> = { true: 2000, unknown: 1000, false: 0 };
  const rank = (p: Permission): number =>
    states[p.state] - (p.missing.includes('out_of_reach') ? 500 : 0) - p.missing.length;
  const best = new Map<string, Permission>();
  for (const permission of permissions) {
    const key = `${permission.layer} ${permission.territory}`;
    const held = best.get(key);
    if (!held || rank(permission) > rank(held)) best.set(key, permission);
  }
  return [...best.values()];
}

/** Where a violation of a clause would most probably go unseen, the worst first. */
export interface Gap {
  area: Slug;
  violation: Slug;
  delivered: number;
  planned: number;
}
export function gaps(areas: readonly AreaPicture[], least: number): Gap[] {
  return areas
    .flatMap((area) =>
      area.violations.map(({ violation, delivered, planned }) => ({
        area: area.area,
        violation,
        delivered,
        planned,
      })),
    )
    .filter((gap) => gap.delivered < least)
    .sort((a, b) => a.delivered - b.delivered);
}
