// Where an observation was, in words and as a drawing, in the terms in which it was given.

import type { Feature, Geometry } from 'geojson';
import type { Location, Observation } from '../api';
import { along, ellipseRing, type LonLat } from './geometry';
import { metres, position } from './words';

/** How far a bearing without range is drawn, metres: the reach of the farthest acoustic array. */
const BEARING_DRAWN_M = 20_000;

/** The location in a sentence. */
export function describe(location: Location): string {
  if ('fix' in location) {
    const { place } = location.fix;
    const at = position(place.position.lat_deg, place.position.lon_deg);
    return `${at} ± ${metres(place.uncertainty.semi_major_m)} (1σ)`;
  }
  if ('bearing' in location) {
    const b = location.bearing;
    const range = b.range
      ? `, ${metres(b.range.range_m)} ± ${metres(b.range.range_m_sigma)} away`
      : '';
    const from = position(b.observer.lat_deg, b.observer.lon_deg);
    return `${Math.round(b.bearing_deg)}° ± ${b.bearing_deg_sigma.toFixed(1)}° from ${from}${range}`;
  }
  if ('area' in location) return `somewhere inside an area of ${location.area.ring.length} corners`;
  if ('arrival' in location) {
    const { station, arrival_s_sigma } = location.arrival;
    const at = position(station.lat_deg, station.lon_deg);
    return `arrival at ${at}, ± ${arrival_s_sigma.toFixed(2)} s`;
  }
  const r = location.relative;
  const sigma = metres(r.sigma_m);
  return `${metres(r.distance_m)} at ${Math.round(r.bearing_deg)}° from ${r.from} ± ${sigma}`;
}

function geometries(location: Location): Geometry[] {
  if ('fix' in location) {
    const { position: at, uncertainty } = location.fix.place;
    return [
      { type: 'Point', coordinates: [at.lon_deg, at.lat_deg] },
      { type: 'LineString', coordinates: ellipseRing(at, uncertainty) },
    ];
  }
  if ('bearing' in location) {
    const { observer, bearing_deg, range } = location.bearing;
    const start: LonLat = [observer.lon_deg, observer.lat_deg];
    const end = along(observer, bearing_deg, range?.range_m ?? BEARING_DRAWN_M);
    return [
      { type: 'Point', coordinates: start },
      { type: 'LineString', coordinates: [start, end] },
    ];
  }
  if ('area' in location) {
    const ring = location.area.ring.map((p): LonLat => [p.lon_deg, p.lat_deg]);
    return ring[0] ? [{ type: 'LineString', coordinates: [...ring, ring[0]] }] : [];
  }
  if ('arrival' in location) {
    const { station } = location.arrival;
    return [{ type: 'Point', coordinates: [station.lon_deg, station.lat_deg] }];
  }
  const { reference, bearing_deg, distance_m } = location.relative;
  const start: LonLat = [reference.lon_deg, reference.lat_deg];
  return [
    { type: 'Point', coordinates: start },
    { type: 'LineString', coordinates: [start, along(reference, bearing_deg, distance_m)] },
  ];
}

/** What an observation looks like on the map. */
export function drawing(observation: Observation): Feature[] {
  if (!observation.location) return [];
  return geometries(observation.location).map((geometry) => ({
    type: 'Feature',
    geometry,
    properties: { id: observation.id },
  }));
}
