// Exports of exactly what is shown: CSV for tables, GeoJSON for maps. Columns carry their units.

import type { Feature, FeatureCollection } from 'geojson';
import type { IncidentSummary, TrackSummary } from '../api';
import { worstVerdict } from './filter';

type Cell = string | number | boolean | null;

/** One line of CSV (RFC 4180). A text that a spreadsheet would run as a formula is defused. */
export function csvLine(cells: readonly Cell[]): string {
  const cell = (value: Cell): string => {
    if (value === null) return '';
    const text = String(value);
    const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  return cells.map(cell).join(',');
}

export function csv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map((row) => csvLine(row)).join('\r\n') + '\r\n';
}

function incidentFields(item: IncidentSummary): Record<string, Cell> {
  const { position, uncertainty } = item.place;
  return {
    id: item.id,
    serial: item.serial,
    kind: item.kind,
    class: item.class,
    occurred_start: item.occurred.start,
    occurred_end: item.occurred.end,
    lat_deg: position.lat_deg,
    lon_deg: position.lon_deg,
    semi_major_m: uncertainty.semi_major_m,
    semi_minor_m: uncertainty.semi_minor_m,
    ellipse_bearing_deg: uncertainty.bearing_deg,
    probability: item.probability,
    likelihood: item.likelihood,
    status: item.status,
    worst_verdict: worstVerdict(item),
    clauses: item.verdicts.map((v) => `${v.clause}:${v.verdict}`).join(' '),
    attributed_to: item.attributed_to,
    disputed_by: item.disputed_by.join(' '),
    sector: item.sector,
    zone: item.zone,
    evidence_count: item.evidence_count,
    first_reported_at: item.first_reported_at,
    updated_at: item.updated_at,
    revision: item.revision,
    withdrawn: item.withdrawn,
  };
}

const NO_INCIDENT: IncidentSummary = {
  id: '',
  short_id: '',
  revision: 0,
  kind: 'physical_event',
  class: null,
  occurred: { start: '', end: '' },
  place: {
    position: { lat_deg: 0, lon_deg: 0 },
    uncertainty: { semi_major_m: 0, semi_minor_m: 0, bearing_deg: 0 },
  },
  probability: 0,
  likelihood: '',
  status: 'reported',
  serial: null,
  disputed_by: [],
  sector: null,
  zone: null,
  verdicts: [],
  attributed_to: null,
  leading_party: null,
  evidence_count: 0,
  first_reported_at: '',
  updated_at: '',
  next_clock: null,
  withdrawn: false,
};

export function incidentsCsv(items: readonly IncidentSummary[]): string {
  const header = Object.keys(incidentFields(NO_INCIDENT));
  return csv(
    header,
    items.map((item) => Object.values(incidentFields(item))),
  );
}

const collection = (features: Feature[]): string => {
  const all: FeatureCollection = { type: 'FeatureCollection', features };
  return JSON.stringify(all);
};

export function incidentsGeojson(items: readonly IncidentSummary[]): string {
  return collection(
    items.map((item) => {
      const { lat_deg, lon_deg, ...properties } = incidentFields(item);
      return {
        type: 'Feature',
        id: item.id,
        geometry: { type: 'Point', coordinates: [Number(lon_deg), Number(lat_deg)] },
        properties,
      };
    }),
  );
}

/** Tracks as their tails, with where each was last. */
export function tracksGeojson(items: readonly TrackSummary[]): string {
  return collection(
    items.map((track) => {
      const line = track.tail.map(([lon, lat]) => [lon, lat]);
      const { lat_deg, lon_deg } = track.last.place.position;
      return {
        type: 'Feature',
        id: track.id,
        geometry:
          line.length > 1
            ? { type: 'LineString', coordinates: line }
            : { type: 'Point', coordinates: [lon_deg, lat_deg] },
        properties: {
          kind: track.kind,
          name: track.name,
          actor: track.actor,
          existence: track.existence,
          observed_at: track.last.observed_at,
          lat_deg,
          lon_deg,
          speed_m_s: track.last.speed_m_s ?? null,
          course_deg: track.last.course_deg ?? null,
        },
      };
    }),
  );
}
