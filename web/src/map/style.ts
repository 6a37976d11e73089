// The map's style: which source is drawn how, by theme. Draw order is the order of this list.

import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { Layer } from '../model/route';
import { TOWNS } from './places';
import { imageName } from './images';
import { palette, type Palette, type Theme } from './palette';

export const SOURCES = [
  'land',
  'coast',
  'borders',
  'coverage',
  'passes',
  'interference',
  'zones',
  'routes',
  'tails',
  'tracks',
  'sensors',
  'ellipses',
  'evidence',
  'selected',
  'ghosts',
  'towns',
] as const;
export type Source = (typeof SOURCES)[number] | 'incidents';

/** Clusters stay together up to this zoom; beyond it every incident has its own symbol. */
const CLUSTER_ZOOM_MAX = 8;
/** Ellipses are drawn from this zoom on, where they are larger than their symbol. */
export const ELLIPSE_ZOOM_MIN = 8;

/** Below this chance a cell is drawn as not observable. */
export const NOT_OBSERVABLE = 0.05;

const get = (name: string): ExpressionSpecification => ['get', name];
const is = (name: string, ...values: string[]): ExpressionSpecification => [
  'in',
  ['get', name],
  ['literal', values],
];
const byZoom = (...stops: number[]): ExpressionSpecification =>
  ['interpolate', ['linear'], ['zoom'], ...stops] as unknown as ExpressionSpecification;

function ground(p: Palette): LayerSpecification[] {
  return [
    { id: 'sea', type: 'background', paint: { 'background-color': p.sea } },
    {
      id: 'land',
      type: 'fill',
      source: 'land',
      paint: { 'fill-color': p.land, 'fill-antialias': false },
    },
    {
      id: 'coast',
      type: 'line',
      source: 'coast',
      paint: { 'line-color': p.coast, 'line-width': 0.8 },
    },
    {
      id: 'borders',
      type: 'line',
      source: 'borders',
      paint: { 'line-color': p.border, 'line-width': 1, 'line-dasharray': [4, 1.5, 1, 1.5] },
    },
  ];
}

function zones(p: Palette, theme: Theme): LayerSpecification[] {
  const fill = (id: string, kind: string, colour: string, opacity: number): LayerSpecification => ({
    id,
    type: 'fill',
    source: 'zones',
    filter: ['all', is('kind', kind), is('shape', 'area')],
    paint: { 'fill-color': colour, 'fill-opacity': opacity },
  });
  /** `faint` is the opacity seen from afar, where many lines lie close together. */
  const line = (
    id: string,
    kinds: string[],
    colour: string,
    width: number,
    dash?: number[],
    faint = 1,
    minzoom = 0,
  ): LayerSpecification => ({
    id,
    type: 'line',
    source: 'zones',
    minzoom,
    filter: is('kind', ...kinds),
    layout: { 'line-join': 'round' },
    paint: {
      'line-color': colour,
      'line-width': width,
      'line-opacity': byZoom(5, faint, 8, 1),
      ...(dash ? { 'line-dasharray': dash } : {}),
    },
  });
  return [
    fill('zone-corridor', 'corridor', p.corridor, 0.13),
    fill('zone-buffer', 'buffer_zone', p.buffer, 0.16),
    fill('zone-port', 'port', p.corridor, 0.2),
    fill('zone-holding', 'holding_area', p.withdrawal, 0.25),
    fill('zone-protected', 'protected_object', p.protectedObject, 0.22),
    line('zone-operation-edge', ['area_of_operation'], p.muted, 0.8, [1, 4], 0.35),
    line('zone-sector-edge', ['sector'], p.muted, 0.9, [1, 3], 0.45),
    line(
      'zone-airspace-edge',
      ['airspace'],
      p.track['uav'] ?? p.muted,
      0.9,
      [6, 2, 1, 2],
      0.3,
      6.5,
    ),
    line('zone-withdrawal', ['withdrawal_line'], p.withdrawal, 1, [7, 3], 0.4),
    line('zone-corridor-edge', ['corridor', 'port'], p.corridor, 1),
    line(
      'zone-holding-edge',
      ['holding_area', 'protected_object'],
      p.withdrawal,
      1,
      undefined,
      1,
      6,
    ),
    line('zone-buffer-edge', ['buffer_zone'], p.buffer, 1, [3, 2]),
    line('zone-contact-halo', ['line_of_contact'], p.halo, 4.5),
    line('zone-contact', ['line_of_contact'], p.line, 2),
    {
      id: 'zone-labels',
      type: 'symbol',
      source: 'zones',
      minzoom: 5.5,
      filter: is('kind', 'withdrawal_line', 'line_of_contact'),
      layout: {
        'icon-image': ['concat', imageName('label', theme, 'zone', ''), get('label')],
        'symbol-placement': 'line',
        'symbol-spacing': 420,
        'icon-rotation-alignment': 'map',
        'icon-keep-upright': true,
        'icon-offset': [0, -9],
      },
    },
    {
      id: 'zone-points',
      type: 'symbol',
      source: 'zones',
      filter: ['all', is('shape', 'point'), ['>=', ['zoom'], 5.5]],
      layout: { 'icon-image': imageName('shield', theme) },
    },
  ];
}

function towns(theme: Theme): LayerSpecification[] {
  const zooms = [3, 5.6, 7.2];
  return [1, 2, 3].map((rank): LayerSpecification => ({
    id: `towns-${rank}`,
    type: 'symbol',
    source: 'towns',
    minzoom: zooms[rank - 1] ?? 3,
    filter: ['==', get('rank'), rank],
    layout: {
      'icon-image': ['concat', imageName('label', theme, `town${rank}`, ''), get('name')],
      'icon-padding': 3,
      'icon-offset': [0, -9],
    },
  }));
}

/** Chance to detect, from pale to dark (one hue, so that no level looks like an alarm). */
function coverage(p: Palette, theme: Theme): LayerSpecification[] {
  const chance = get('chance');
  return [
    {
      id: 'coverage',
      type: 'fill',
      source: 'coverage',
      paint: {
        'fill-color': [
          'interpolate',
          ['linear'],
          chance,
          ...p.coverage.flatMap((colour, i) => [i / (p.coverage.length - 1), colour]),
        ] as unknown as ExpressionSpecification,
        'fill-opacity': 0.62,
        'fill-antialias': false,
      },
    },
    {
      id: 'coverage-blind',
      type: 'fill',
      source: 'coverage',
      filter: ['<', chance, NOT_OBSERVABLE],
      paint: { 'fill-pattern': imageName('hatch', theme, 'blind'), 'fill-antialias': false },
    },
  ];
}

/** Satellites: what they can see lies light over the ground, so that nothing below is lost. */
function passes(p: Palette, theme: Theme): LayerSpecification[] {
  const only = (part: string): ExpressionSpecification => ['==', get('part'), part];
  return [
    {
      id: 'passes-swath',
      type: 'fill',
      source: 'passes',
      filter: only('swath'),
      paint: { 'fill-color': p.corridor, 'fill-opacity': 0.05 },
    },
    {
      id: 'passes-edge',
      type: 'line',
      source: 'passes',
      filter: only('swath'),
      paint: { 'line-color': p.corridor, 'line-width': 1 },
    },
    {
      id: 'passes-track',
      type: 'line',
      source: 'passes',
      filter: only('track'),
      paint: { 'line-color': p.muted, 'line-width': 1.2, 'line-dasharray': [6, 4] },
    },
    {
      id: 'passes-label',
      type: 'symbol',
      source: 'passes',
      filter: only('label'),
      layout: {
        'icon-image': ['concat', imageName('label', theme, 'zone', ''), get('label')],
        'icon-padding': 3,
      },
    },
    {
      id: 'passes-satellite',
      type: 'circle',
      source: 'passes',
      filter: only('satellite'),
      paint: {
        'circle-radius': 5,
        'circle-color': p.corridor,
        'circle-stroke-color': p.symbolEdge,
        'circle-stroke-width': 1.5,
      },
    },
  ];
}

/** Where satellite navigation was disturbed: hatched, as wide as it is uncertain. */
function interference(p: Palette, theme: Theme): LayerSpecification[] {
  return [
    {
      id: 'interference',
      type: 'fill',
      source: 'interference',
      paint: { 'fill-pattern': imageName('hatch', theme, 'interference') },
    },
    {
      id: 'interference-edge',
      type: 'line',
      source: 'interference',
      paint: {
        'line-color': p.health['jammed'] ?? p.muted,
        'line-width': 1,
        'line-dasharray': [2, 2],
      },
    },
  ];
}

/** Routes that planning proposes. */
function routes(p: Palette): LayerSpecification[] {
  return [
    {
      id: 'routes-halo',
      type: 'line',
      source: 'routes',
      layout: { 'line-join': 'round' },
      paint: { 'line-color': p.halo, 'line-width': 4, 'line-opacity': 0.7 },
    },
    {
      id: 'routes',
      type: 'line',
      source: 'routes',
      layout: { 'line-join': 'round' },
      paint: { 'line-color': p.selected, 'line-width': 1.4, 'line-dasharray': [3, 2] },
    },
  ];
}

function townDots(p: Palette): LayerSpecification {
  return {
    id: 'town-dots',
    type: 'circle',
    source: 'towns',
    minzoom: 4.5,
    filter: ['<=', get('rank'), 2],
    paint: { 'circle-radius': 2, 'circle-color': p.place, 'circle-opacity': 0.8 },
  };
}

function moving(p: Palette, theme: Theme): LayerSpecification[] {
  return [
    {
      id: 'tails',
      type: 'line',
      source: 'tails',
      layout: { 'line-cap': 'round' },
      paint: { 'line-color': get('colour'), 'line-width': 1.3, 'line-opacity': 0.55 },
    },
    {
      id: 'sensors',
      type: 'symbol',
      source: 'sensors',
      filter: ['any', ['>=', ['zoom'], 6.5], is('type', 'post')],
      layout: {
        'icon-image': ['concat', imageName('sensor', theme, ''), get('type'), '|', get('health')],
        'icon-allow-overlap': true,
        'icon-size': byZoom(5, 0.6, 8, 1),
      },
    },
    {
      id: 'ellipses-fill',
      type: 'fill',
      source: 'ellipses',
      minzoom: ELLIPSE_ZOOM_MIN,
      paint: { 'fill-color': get('colour'), 'fill-opacity': 0.07 },
    },
    {
      id: 'ellipses',
      type: 'line',
      source: 'ellipses',
      minzoom: ELLIPSE_ZOOM_MIN,
      paint: { 'line-color': get('colour'), 'line-width': 1, 'line-opacity': 0.7 },
    },
    {
      id: 'evidence-lines',
      type: 'line',
      source: 'evidence',
      filter: is('shape', 'line'),
      paint: {
        'line-color': p.ink,
        'line-width': 1.2,
        'line-dasharray': [2, 2],
        'line-opacity': 0.75,
      },
    },
    {
      id: 'evidence-points',
      type: 'circle',
      source: 'evidence',
      filter: is('shape', 'point'),
      paint: {
        'circle-radius': 4,
        'circle-color': p.halo,
        'circle-stroke-color': p.ink,
        'circle-stroke-width': 1.5,
      },
    },
    {
      id: 'tracks',
      type: 'symbol',
      source: 'tracks',
      layout: {
        'icon-image': ['concat', imageName('track', theme, ''), get('kind')],
        'icon-rotate': get('course'),
        'icon-rotation-alignment': 'map',
        'icon-allow-overlap': true,
        'icon-size': byZoom(4, 0.6, 8, 1),
      },
    },
  ];
}

function incidents(p: Palette, theme: Theme): LayerSpecification[] {
  const clustered: ExpressionSpecification = ['has', 'point_count'];
  const share: ExpressionSpecification = ['/', ['get', 'breaches'], ['get', 'point_count']];
  return [
    {
      id: 'clusters',
      type: 'circle',
      source: 'incidents',
      filter: clustered,
      paint: {
        'circle-color': [
          'interpolate',
          ['linear'],
          share,
          0,
          p.verdict['undetermined'] ?? p.muted,
          0.5,
          p.verdict['breach'] ?? p.muted,
        ],
        'circle-radius': [
          'interpolate',
          ['linear'],
          ['sqrt', ['get', 'point_count']],
          1,
          9,
          5,
          14,
          20,
          22,
          70,
          34,
        ],
        'circle-opacity': 0.88,
        'circle-stroke-color': p.symbolEdge,
        'circle-stroke-width': 1.2,
      },
    },
    {
      id: 'cluster-counts',
      type: 'symbol',
      source: 'incidents',
      filter: clustered,
      layout: {
        'icon-image': [
          'concat',
          imageName('label', theme, 'count', ''),
          ['to-string', ['get', 'point_count_abbreviated']],
        ],
        'icon-allow-overlap': true,
      },
    },
    {
      id: 'ghosts',
      type: 'circle',
      source: 'ghosts',
      paint: {
        'circle-radius': 8,
        'circle-color': p.halo,
        'circle-opacity': 0.25,
        'circle-stroke-color': p.ink,
        'circle-stroke-width': 1.2,
        'circle-stroke-opacity': 0.75,
      },
    },
    {
      id: 'selected-ellipse',
      type: 'line',
      source: 'selected',
      filter: is('shape', 'area'),
      paint: { 'line-color': p.selected, 'line-width': 1.6 },
    },
    {
      id: 'selected',
      type: 'circle',
      source: 'selected',
      filter: is('shape', 'point'),
      paint: {
        'circle-radius': 17,
        'circle-color': p.selected,
        'circle-opacity': 0.12,
        'circle-stroke-color': p.selected,
        'circle-stroke-width': 2,
      },
    },
    {
      id: 'incidents',
      type: 'symbol',
      source: 'incidents',
      filter: ['!', clustered],
      layout: {
        'icon-image': [
          'concat',
          imageName('incident', theme, ''),
          get('kind'),
          '|',
          get('verdict'),
          '|',
          get('checked'),
        ],
        'icon-allow-overlap': true,
        'icon-size': byZoom(4, 0.6, 9, 0.95),
        'symbol-sort-key': get('probability'),
      },
      paint: {
        'icon-opacity': [
          'interpolate',
          ['linear'],
          get('probability'),
          0.05,
          0.35,
          0.55,
          0.9,
          0.8,
          1,
        ],
      },
    },
    {
      id: 'selected-symbol',
      type: 'symbol',
      source: 'selected',
      filter: is('shape', 'point'),
      layout: {
        'icon-image': [
          'concat',
          imageName('incident', theme, ''),
          get('kind'),
          '|',
          get('verdict'),
          '|',
          get('checked'),
        ],
        'icon-allow-overlap': true,
      },
    },
  ];
}

/** Which of the page's layer switches a style layer obeys; `null` for the ground. */
function switchOf(id: string): Layer | null {
  if (id.startsWith('zone-')) return 'zones';
  if (id.startsWith('town')) return 'places';
  if (id.startsWith('ellipses')) return 'ellipses';
  if (id === 'tails' || id === 'tracks') return 'tracks';
  if (id === 'sensors') return 'sensors';
  if (id.startsWith('coverage')) return 'coverage';
  if (id.startsWith('passes')) return 'passes';
  if (id.startsWith('interference') || id === 'ghosts') return 'incidents';
  if (id.startsWith('cluster') || id === 'incidents') return 'incidents';
  return null;
}

/** Whether a style layer is shown; an ellipse without its incident would say nothing. */
export function isShown(id: string, hidden: readonly Layer[]): boolean {
  const by = switchOf(id);
  if (by === 'ellipses' && hidden.includes('incidents')) return false;
  return by === null || !hidden.includes(by);
}

export const CLICKABLE = [
  'incidents',
  'clusters',
  'tracks',
  'sensors',
  'zone-points',
  'zone-contact-halo',
  'zone-withdrawal',
  'zone-protected',
  'zone-holding',
  'zone-port',
  'zone-corridor',
  'zone-buffer',
];

function townFeatures(): GeoJSON.FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: TOWNS.map(([name, lat, lon, rank]) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [lon, lat] },
      properties: { name, rank },
    })),
  };
}

/** The whole style, with empty sources that are filled as data comes. */
export function mapStyle(theme: Theme, hidden: readonly Layer[]): StyleSpecification {
  const p = palette(theme);
  const empty: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] };
  const sources: StyleSpecification['sources'] = {};
  for (const source of SOURCES) sources[source] = { type: 'geojson', data: empty };
  // Unsimplified, so that neighbours keep their common border and no sliver of sea opens.
  for (const source of ['land', 'coast', 'borders']) {
    sources[source] = { type: 'geojson', data: empty, tolerance: 0 };
  }
  sources['towns'] = { type: 'geojson', data: townFeatures() };
  sources['incidents'] = {
    type: 'geojson',
    data: empty,
    cluster: true,
    clusterMaxZoom: CLUSTER_ZOOM_MAX,
    clusterRadius: 38,
    clusterMinPoints: 4,
    clusterProperties: { breaches: ['+', ['case', ['==', ['get', 'verdict'], 'breach'], 1, 0]] },
  };
  const layers = [
    ...ground(p),
    ...coverage(p, theme),
    ...passes(p, theme),
    ...interference(p, theme),
    ...zones(p, theme),
    ...routes(p),
    townDots(p),
    ...moving(p, theme),
    ...towns(theme).reverse(),
    ...incidents(p, theme),
  ].map((layer): LayerSpecification => {
    if (isShown(layer.id, hidden)) return layer;
    return { ...layer, layout: { ...layer.layout, visibility: 'none' } } as LayerSpecification;
  });
  return { version: 8, sources, layers };
}
