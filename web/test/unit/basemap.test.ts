import { expect, test } from 'vitest';
import { readAtlas, readFineLand } from '../../basemap.vite';
import { baseMap, clipRing, countries, FINE, type Country } from '../../src/map/basemap';
import { coastOf } from '../../src/map/coast';
import { insideRing, type LonLat } from '../../src/model/geometry';

const atlas = readAtlas();
const { land, borders } = baseMap(atlas, readFineLand());
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

test.each([
  ['Kyiv', [30.52, 50.45], true],
  ['Simferopol', [34.1, 44.95], true],
  ['the Black Sea', [34, 43.3], false],
  ['the Sea of Azov', [36.5, 46.1], false],
  ['the Caspian Sea', [50.5, 42], false],
  ['Paris', [2.35, 48.86], true],
  ['the Atlantic', [-30, 40], false],
  ['Nairobi', [36.8, -1.3], true],
])('%s is land or sea also where the pieces meet', (_, at, expected) => {
  const holds = (rings: number[][][]): boolean =>
    rings.filter((ring) => insideRing(ring, at as LonLat)).length % 2 === 1;
  expect(land.coordinates.some(holds)).toBe(expected);
});

test('a ring is cut at the sides of a box', () => {
  const square = [
    [0, 0],
    [4, 0],
    [4, 4],
    [0, 4],
    [0, 0],
  ];
  expect(clipRing(square, [2, 2, 9, 9])).toEqual([
    [2, 2],
    [4, 2],
    [4, 4],
    [2, 4],
    [2, 2],
  ]);
  expect(clipRing(square, [5, 5, 9, 9])).toEqual([]);
});

test('the coast has no line along the cuts', () => {
  const { coordinates } = coastOf(land, [...FINE]);
  const alongWest = coordinates.some((line) =>
    line.some((p, i) => i > 0 && p[0] === FINE[0] && line[i - 1]?.[0] === FINE[0]),
  );
  expect(alongWest).toBe(false);
  expect(coordinates.length).toBeGreaterThan(100);
  expect(borders.coordinates.length).toBeGreaterThan(100);
});
