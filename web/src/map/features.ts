// What the mission knows, as GeoJSON with just the properties that the style reads.

import type { Feature, FeatureCollection, Geometry } from 'geojson';
import type {
  IncidentSummary,
  SensorProperties,
  Sensors,
  TrackSummary,
  ZoneFeature,
  Zones,
} from '../api';
import type { Cells, Passes } from '../model/planning';
import { worstVerdict } from '../model/filter';
import { boundsOf, ellipseRing } from '../model/geometry';
import { clock, instant } from '../model/time';
import { S } from '../strings';
import { palette, type Theme } from './palette';

const collection = (features: Feature[]): FeatureCollection => ({
  type: 'FeatureCollection',
  features,
});

/** `point`, `line` or `area`: the style filters by it, as one layer may hold all three. */
export function shapeOf(geometry: Geometry): string {
  if (geometry.type.endsWith('Point')) return 'point';
  return geometry.type.endsWith('Polygon') ? 'area' : 'line';
}

const CHECKED = new Set(['verified', 'attributed', 'closed']);

/** The properties by which an incident's symbol is chosen. */
export function incidentFeature(item: IncidentSummary): Feature {
  const { lon_deg, lat_deg } = item.place.position;
  return {
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [lon_deg, lat_deg] },
    properties: {
      id: item.id,
      kind: item.kind,
      verdict: worstVerdict(item),
      checked: CHECKED.has(item.status) ? 'checked' : 'open',
      probability: item.probability,
    },
  };
}

export function incidentFeatures(items: readonly IncidentSummary[]): FeatureCollection {
  return collection(items.map(incidentFeature));
}

/** The 90 % ellipses of incidents. */
export function ellipseFeatures(
  items: readonly IncidentSummary[],
  theme: Theme,
): FeatureCollection {
  const p = palette(theme);
  return collection(
    items.map((item) => ({
      type: 'Feature',
      geometry: {
        type: 'Polygon',
        coordinates: [ellipseRing(item.place.position, item.place.uncertainty)],
      },
      properties: { id: item.id, colour: p.verdict[worstVerdict(item)] ?? p.muted },
    })),
  );
}

export function zoneFeatures(zones: Zones): FeatureCollection {
  return collection(zones.features.flatMap((zone) => drawnZone(zone)));
}

/** A zone with what the style reads; a protected object also as a point, as it is small. */
function drawnZone(zone: ZoneFeature): Feature[] {
  const { id, kind, weapon, name } = zone.properties;
  const label = weapon ? S.spell(weapon) : name;
  const drawn = { ...zone, properties: { id, kind, label, shape: shapeOf(zone.geometry) } };
  const box = boundsOf([zone.geometry]);
  if (kind !== 'protected_object' || drawn.properties.shape === 'point' || !box) return [drawn];
  const coordinates = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  const properties = { ...drawn.properties, shape: 'point' };
  return [drawn, { type: 'Feature', geometry: { type: 'Point', coordinates }, properties }];
}

/** `silent` names instruments that were off or jammed at the moment shown. */
export function sensorFeatures(
  sensors: Sensors,
  silent: readonly string[] = [],
): FeatureCollection {
  const known = new Set(['working', 'degraded', 'jammed', 'off', 'unknown']);
  return collection(
    sensors.features.map((sensor) => {
      const { id, type, health }: SensorProperties = sensor.properties;
      const now = known.has(health) ? health : 'unknown';
      const shown = silent.includes(id) ? 'off' : now;
      return { ...sensor, properties: { id, type, health: shown } };
    }),
  );
}

const DRAWN_KINDS = new Set(['vessel', 'warship', 'aircraft', 'uav', 'vehicle']);

export function trackFeatures(items: readonly TrackSummary[]): FeatureCollection {
  return collection(
    items.map((item) => {
      const { lon_deg, lat_deg } = item.last.place.position;
      return {
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [lon_deg, lat_deg] },
        properties: {
          id: item.id,
          kind: DRAWN_KINDS.has(item.kind) ? item.kind : 'other',
          course: item.last.course_deg ?? 0,
        },
      };
    }),
  );
}

export function tailFeatures(items: readonly TrackSummary[], theme: Theme): FeatureCollection {
  const p = palette(theme);
  const tails = items.filter((item) => item.tail.length > 1);
  return collection(
    tails.map((item) => ({
      type: 'Feature',
      geometry: { type: 'LineString', coordinates: item.tail.map(([lon, lat]) => [lon, lat]) },
      properties: { id: item.id, colour: p.track[item.kind] ?? p.track['other'] ?? p.muted },
    })),
  );
}

export function evidenceFeatures(drawn: readonly Feature[]): FeatureCollection {
  return collection(
    drawn.map((feature) => ({
      ...feature,
      properties: { ...feature.properties, shape: shapeOf(feature.geometry) },
    })),
  );
}

/** Satellites as they are drawn; the middle of each track carries what passes, and from when on. */
export function passFeatures(
  passes: Passes | null,
  named: (means: string) => string,
  zone: string,
): FeatureCollection {
  return collection(
    (passes?.features ?? []).flatMap(({ geometry, properties }): Feature[] => {
      const { part, means, from } = properties;
      const drawn: Feature = { type: 'Feature', geometry, properties: { part } };
      if (geometry.type !== 'LineString') return [drawn];
      const middle = geometry.coordinates[Math.floor(geometry.coordinates.length / 2)];
      const label = `${named(means)} ${clock(instant(from), zone)}`;
      const at: Geometry = { type: 'Point', coordinates: middle ?? [] };
      return [drawn, { type: 'Feature', geometry: at, properties: { part: 'label', label } }];
    }),
  );
}

/** Cells with the chance to detect a violation there. */
export function cellFeatures(cells: Cells | null): FeatureCollection {
  return collection(
    (cells?.features ?? []).map(({ geometry, properties }) => ({
      type: 'Feature',
      geometry,
      properties: { chance: properties.detection_probability },
    })),
  );
}

/** Where satellite navigation was disturbed, as the 90 % ellipses of those incidents. */
export function interferenceFeatures(items: readonly IncidentSummary[]): FeatureCollection {
  const disturbed = items.filter((item) => item.kind === 'gnss_interference');
  return collection(
    disturbed.map(({ id, place }) => ({
      type: 'Feature',
      geometry: { type: 'Polygon', coordinates: [ellipseRing(place.position, place.uncertainty)] },
      properties: { id },
    })),
  );
}

/** The incident whose page is open, drawn above all others and outside any cluster. */
export function selectedFeatures(item: IncidentSummary | null): FeatureCollection {
  if (!item) return collection([]);
  const symbol = incidentFeature(item);
  const ring = ellipseRing(item.place.position, item.place.uncertainty);
  return collection([
    { ...symbol, properties: { ...symbol.properties, shape: 'point' } },
    {
      type: 'Feature',
      geometry: { type: 'Polygon', coordinates: [ring] },
      properties: { shape: 'area' },
    },
  ]);
}
