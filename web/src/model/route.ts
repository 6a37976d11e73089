// The address bar's hash and what it stands for, so that a view can be shared. Pure both ways.

import { NO_FILTER, ONLY, SORTS, type Filter, type Period, type Sort } from './filter';

export const PAGES = [
  'picture',
  'sea',
  'sky',
  'coverage',
  'forces',
  'mandate',
  'report',
  'feeds',
  'log',
  'mission',
] as const;
export type Page = (typeof PAGES)[number];

export const LAYERS = [
  'zones',
  'incidents',
  'ellipses',
  'tracks',
  'sensors',
  'coverage',
  'passes',
  'places',
] as const;
export type Layer = (typeof LAYERS)[number];
/** Layers that are off until they are asked for, because they hide others or cost time. */
const ON_REQUEST: readonly Layer[] = ['coverage', 'passes'];

export const LEVELS = ['delivered', 'planned', 'access'] as const;
export type Level = (typeof LEVELS)[number];
export const KNOWLEDGE = ['hindsight', 'then'] as const;
/** At an earlier moment: what is known today of it, or what the mission knew then. */
export type Knowledge = (typeof KNOWLEDGE)[number];

export interface View {
  lat: number;
  lon: number;
  zoom: number;
}

export interface Route {
  page: Page;
  incident: string | null;
  filter: Filter;
  sort: Sort;
  period: Period | null;
  /** The moment the page stands at, in milliseconds; `null` while it is live. */
  at: number | null;
  knowledge: Knowledge;
  /** How far back from the moment incidents are shown, hours; `null` without limit. */
  trail_h: number | null;
  /** What planning assumes: conditions, ballots and means out of order, as the server reads them. */
  assume: string[];
  ballots: string[];
  without: string[];
  level: Level;
  violation: string | null;
  hidden: Layer[];
  view: View | null;
}

export const HOME: Route = {
  page: 'picture',
  incident: null,
  filter: NO_FILTER,
  sort: 'clock',
  period: null,
  at: null,
  knowledge: 'hindsight',
  trail_h: null,
  assume: [],
  ballots: [],
  without: [],
  level: 'planned',
  violation: null,
  hidden: [...ON_REQUEST],
  view: null,
};

const TEXTS = ['kind', 'status', 'verdict', 'sector'] as const;

function readPeriod(from: string | null, to: string | null): Period | null {
  const period = { from: Date.parse(from ?? ''), to: Date.parse(to ?? '') };
  return period.from < period.to ? period : null;
}

function readView(text: string | null): View | null {
  const [zoom, lat, lon] = (text ?? '').split('/').map(Number);
  if (zoom === undefined || lat === undefined || lon === undefined) return null;
  const sane = zoom >= 0 && zoom <= 24 && Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
  return sane ? { zoom, lat, lon } : null;
}

function readInstant(text: string | null): number | null {
  const at = Date.parse(text ?? '');
  return Number.isFinite(at) ? at : null;
}

const listOf = (text: string | null): string[] =>
  (text ?? '').split(',').filter((part) => part !== '');

/** Reads a hash; what it does not say or says wrongly is as at home. */
export function readRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#?\/?/, '').split('?');
  const [first = '', second = ''] = path.split('/');
  const query = new URLSearchParams(search);
  const filter: Filter = { ...NO_FILTER, text: query.get('text') ?? '' };
  for (const name of TEXTS) filter[name] = query.get(name) || null;
  const least = Number(query.get('p') ?? 0);
  filter.probabilityMin = least > 0 && least <= 1 ? least : 0;
  filter.withdrawn = query.get('withdrawn') === 'yes';
  filter.only = ONLY.find((word) => word === query.get('only')) ?? null;
  const incident = first === 'incident' && /^[0-9a-f]{6,64}$/.test(second) ? second : null;
  const hide = listOf(query.get('hide'));
  const show = listOf(query.get('show'));
  const off = (layer: Layer): boolean =>
    ON_REQUEST.includes(layer) ? !show.includes(layer) : hide.includes(layer);
  const trail_h = Number(query.get('trail') ?? 0);
  return {
    page: PAGES.find((page) => page === first) ?? 'picture',
    incident,
    filter,
    sort: SORTS.find((sort) => sort === query.get('sort')) ?? HOME.sort,
    period: readPeriod(query.get('from'), query.get('to')),
    at: readInstant(query.get('at')),
    knowledge: KNOWLEDGE.find((word) => word === query.get('known')) ?? HOME.knowledge,
    trail_h: trail_h > 0 ? trail_h : null,
    assume: listOf(query.get('assume')),
    ballots: listOf(query.get('ballot')),
    without: listOf(query.get('without')),
    level: LEVELS.find((level) => level === query.get('level')) ?? HOME.level,
    violation: query.get('violation') || null,
    hidden: LAYERS.filter(off),
    view: readView(query.get('map')),
  };
}

/** Writes a hash that reads back as the same route. */
export function writeRoute(route: Route): string {
  const query = new URLSearchParams();
  for (const name of TEXTS) {
    const value = route.filter[name];
    if (value) query.set(name, value);
  }
  if (route.filter.text) query.set('text', route.filter.text);
  if (route.filter.probabilityMin > 0) query.set('p', String(route.filter.probabilityMin));
  if (route.filter.withdrawn) query.set('withdrawn', 'yes');
  if (route.filter.only) query.set('only', route.filter.only);
  if (route.sort !== HOME.sort) query.set('sort', route.sort);
  if (route.period) {
    query.set('from', new Date(route.period.from).toISOString());
    query.set('to', new Date(route.period.to).toISOString());
  }
  if (route.at !== null) query.set('at', new Date(route.at).toISOString());
  if (route.knowledge !== HOME.knowledge) query.set('known', route.knowledge);
  if (route.trail_h !== null) query.set('trail', String(route.trail_h));
  const lists = { assume: route.assume, ballot: route.ballots, without: route.without };
  for (const [name, parts] of Object.entries(lists)) {
    if (parts.length > 0) query.set(name, parts.join(','));
  }
  if (route.level !== HOME.level) query.set('level', route.level);
  if (route.violation) query.set('violation', route.violation);
  const hide = route.hidden.filter((layer) => !ON_REQUEST.includes(layer));
  const show = ON_REQUEST.filter((layer) => !route.hidden.includes(layer));
  if (hide.length > 0) query.set('hide', hide.join(','));
  if (show.length > 0) query.set('show', show.join(','));
  if (route.view) {
    const { zoom, lat, lon } = route.view;
    query.set('map', `${zoom.toFixed(2)}/${lat.toFixed(4)}/${lon.toFixed(4)}`);
  }
  const path = route.incident ? `incident/${route.incident}` : route.page;
  const search = query.toString().replace(/%2F/g, '/').replace(/%3A/g, ':').replace(/%2C/g, ',').replace(/%3D/g, '=');
  return `#/${path}${search ? `?${search}` : ''}`;
}
