// The coast of the land as lines, without the straight cuts where pieces of the base map meet.

import type { MultiLineString, MultiPolygon, Position } from 'geojson';

export function coastOf(land: MultiPolygon, cuts: readonly number[]): MultiLineString {
  const isCut = (a: Position, b: Position): boolean =>
    [0, 1].some((axis) => a[axis] === b[axis] && cuts.includes(a[axis] ?? NaN));
  const lines: Position[][] = [];
  for (const ring of land.coordinates.flat()) {
    let line: Position[] = [];
    ring.forEach((point, i) => {
      const before = ring[i - 1];
      if (before && isCut(before, point)) {
        lines.push(line);
        line = [];
      }
      line.push(point);
    });
    lines.push(line);
  }
  return { type: 'MultiLineString', coordinates: lines.filter((line) => line.length > 1) };
}
