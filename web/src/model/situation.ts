// Who is where: tracks in zones, and incidents by what they are about. Pure.

import type { IncidentSummary, TrackSummary, ZoneFeature, Zones } from '../api';
import { insideRing, type LonLat } from './geometry';

export const SEA_KINDS: ReadonlySet<string> = new Set([
  'corridor_deviation',
  'unauthorised_stop',
  'obstruction',
  'signal_gap',
  'position_anomaly',
  'gnss_interference',
  'identity_conflict',
  'encounter',
  'loitering',
  'close_approach',
  'dark_vessel',
  'straits_limit',
]);
export const SEA_TRACKS: ReadonlySet<string> = new Set(['vessel', 'warship']);
export const SKY_TRACKS: ReadonlySet<string> = new Set(['aircraft', 'uav']);

/** True when a place lies in an area; holes are outside. */
export function inZone(at: LonLat, zone: ZoneFeature): boolean {
  const { geometry } = zone;
  const polygons =
    geometry.type === 'Polygon'
      ? [geometry.coordinates]
      : geometry.type === 'MultiPolygon'
        ? geometry.coordinates
        : [];
  return polygons.some(([outer, ...holes]) => {
    const inside = (ring: readonly (readonly number[])[]): boolean => insideRing(ring, at);
    return outer !== undefined && inside(outer) && !holes.some(inside);
  });
}

export function placeOf(track: TrackSummary): LonLat {
  const { lon_deg, lat_deg } = track.last.place.position;
  return [lon_deg, lat_deg];
}

/** Zones of some kinds, each with the tracks that are in it. */
export function occupied(
  zones: Zones | null,
  kinds: readonly string[],
  tracks: readonly TrackSummary[],
): { zone: ZoneFeature; inside: TrackSummary[] }[] {
  const wanted = (zones?.features ?? []).filter((zone) => kinds.includes(zone.properties.kind));
  return wanted.map((zone) => ({
    zone,
    inside: tracks.filter((track) => inZone(placeOf(track), zone)),
  }));
}

/** Incidents about shipping: of its kinds, or held against a clause on corridors. */
export function ofSea(items: readonly IncidentSummary[]): IncidentSummary[] {
  return items.filter(
    (item) =>
      SEA_KINDS.has(item.kind) || item.verdicts.some(({ clause_kind }) => clause_kind === 'corridor'),
  );
}

/** Incidents held against a clause on airspace, and disturbed satellite navigation. */
export function ofSky(items: readonly IncidentSummary[]): IncidentSummary[] {
  return items.filter(
    (item) =>
      item.kind === 'gnss_interference' ||
      item.class === 'drone_strike' ||
      item.verdicts.some(({ clause_kind }) => clause_kind === 'airspace'),
  );
}

/** Counts by kind, the most frequent first. */
export function byKind(items: readonly IncidentSummary[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { kind } of items) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}
