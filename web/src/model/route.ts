// The address bar's hash and what it stands for, so that a view can be shared. Pure both ways.

import { NO_FILTER, SORTS, type Filter, type Period, type Sort } from './filter';

export const PAGES = ['picture', 'feeds', 'log', 'report', 'mission'] as const;
export type Page = (typeof PAGES)[number];

export const LAYERS = ['zones', 'incidents', 'ellipses', 'tracks', 'sensors', 'places'] as const;
export type Layer = (typeof LAYERS)[number];

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
  hidden: Layer[];
  view: View | null;
}

export const HOME: Route = {
  page: 'picture',
  incident: null,
  filter: NO_FILTER,
  sort: 'clock',
  period: null,
  hidden: [],
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
  const incident = first === 'incident' && /^[0-9a-f]{6,64}$/.test(second) ? second : null;
  const hidden = (query.get('hide') ?? '').split(',');
  return {
    page: PAGES.find((page) => page === first) ?? 'picture',
    incident,
    filter,
    sort: SORTS.find((sort) => sort === query.get('sort')) ?? HOME.sort,
    period: readPeriod(query.get('from'), query.get('to')),
    hidden: LAYERS.filter((layer) => hidden.includes(layer)),
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
  if (route.sort !== HOME.sort) query.set('sort', route.sort);
  if (route.period) {
    query.set('from', new Date(route.period.from).toISOString());
    query.set('to', new Date(route.period.to).toISOString());
  }
  if (route.hidden.length > 0) query.set('hide', route.hidden.join(','));
  if (route.view) {
    const { zoom, lat, lon } = route.view;
    query.set('map', `${zoom.toFixed(2)}/${lat.toFixed(4)}/${lon.toFixed(4)}`);
  }
  const path = route.incident ? `incident/${route.incident}` : route.page;
  const search = query.toString().replace(/%2F/g, '/').replace(/%3A/g, ':').replace(/%2C/g, ',');
  return `#/${path}${search ? `?${search}` : ''}`;
}
