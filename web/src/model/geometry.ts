// Shapes on the map: ellipses, bearings, bounding boxes. Local flat earth, good to 0.5 % within 100 km.

import type { Geometry } from 'geojson';
import type { Ellipse, Position } from '../api';

/** Mahalanobis radius that holds 90 % of a two-dimensional Gaussian: √(−2 ln 0.1). */
export const SIGMAS_90 = 2.146;
const M_PER_DEG_LAT = 111_320;
const RING_CORNERS = 48;

export type LonLat = [number, number];

/** The point at metres east and north of an origin. */
export function offset(from: Position, east_m: number, north_m: number): LonLat {
  const m_per_deg_lon = M_PER_DEG_LAT * Math.max(0.01, Math.cos((from.lat_deg * Math.PI) / 180));
  return [from.lon_deg + east_m / m_per_deg_lon, from.lat_deg + north_m / M_PER_DEG_LAT];
}

/** The point at a distance on a bearing (degrees true). */
export function along(from: Position, bearing_deg: number, distance_m: number): LonLat {
  const angle = (bearing_deg * Math.PI) / 180;
  return offset(from, distance_m * Math.sin(angle), distance_m * Math.cos(angle));
}

/** The closed ring of an error ellipse at so many standard deviations. */
export function ellipseRing(centre: Position, ellipse: Ellipse, sigmas = SIGMAS_90): LonLat[] {
  const bearing = (ellipse.bearing_deg * Math.PI) / 180;
  const [s, c] = [Math.sin(bearing), Math.cos(bearing)];
  const ring: LonLat[] = [];
  for (let i = 0; i <= RING_CORNERS; i++) {
    const t = ((i % RING_CORNERS) / RING_CORNERS) * 2 * Math.PI;
    const major = sigmas * ellipse.semi_major_m * Math.cos(t);
    const minor = sigmas * ellipse.semi_minor_m * Math.sin(t);
    ring.push(offset(centre, major * s + minor * c, major * c - minor * s));
  }
  return ring;
}

export type Bounds = [west: number, south: number, east: number, north: number];

function visit(geometry: Geometry, see: (lon: number, lat: number) => void): void {
  if (geometry.type === 'GeometryCollection') {
    geometry.geometries.forEach((part) => visit(part, see));
    return;
  }
  const walk = (value: unknown): void => {
    if (!Array.isArray(value)) return;
    const [lon, lat] = value as unknown[];
    if (typeof lon === 'number' && typeof lat === 'number') see(lon, lat);
    else value.forEach(walk);
  };
  walk(geometry.coordinates);
}

/** The box around geometries; `null` when there is nothing to hold. */
export function boundsOf(geometries: readonly Geometry[]): Bounds | null {
  const box: Bounds = [180, 90, -180, -90];
  let any = false;
  for (const geometry of geometries) {
    visit(geometry, (lon, lat) => {
      any = true;
      box[0] = Math.min(box[0], lon);
      box[1] = Math.min(box[1], lat);
      box[2] = Math.max(box[2], lon);
      box[3] = Math.max(box[3], lat);
    });
  }
  return any ? box : null;
}

/** True when a point lies inside a ring (even-odd rule). */
export function insideRing(ring: readonly (readonly number[])[], [x, y]: LonLat): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i] as LonLat;
    const [xj, yj] = ring[j] as LonLat;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}
