// What stands at a moment: which incidents had happened, which were known, where tracks were.

import type { IncidentSummary, TrackPath, TrackSummary } from '../api';
import { passes, type Filter, type Period } from './filter';
import { instant } from './time';

const HOUR_MS = 3_600_000;
/** A track that was not heard of for longer is no longer shown, seconds. */
export const LOST_S = 1800;
/** Between points farther apart nothing is interpolated, seconds. */
const BETWEEN_S_MAX = 1200;
/** Length of the tail behind a track at a moment, seconds. */
const TAIL_S = 3600;

/** The period in which incidents are shown at a moment: up to it, and as far back as the trail. */
export function periodAt(
  period: Period | null,
  at: number | null,
  trail_h: number | null,
): Period | null {
  if (at === null) return period;
  const back = trail_h === null ? -8.64e15 : at - trail_h * HOUR_MS;
  const from = Math.max(period?.from ?? -8.64e15, back);
  return { from, to: Math.max(from, Math.min(period?.to ?? Infinity, at + 1)) };
}

/** Incidents that had happened by then and of which the mission did not know yet. */
export function unknownThen(
  all: Iterable<IncidentSummary>,
  known: ReadonlyMap<string, IncidentSummary>,
  filter: Filter,
  period: Period | null,
): IncidentSummary[] {
  const found: IncidentSummary[] = [];
  for (const item of all) {
    if (!known.has(item.id) && passes(item, filter, period)) found.push(item);
  }
  return found;
}

/** Tracks that were heard of lately: the others are no longer anywhere. */
export function heardLately(tracks: Iterable<TrackSummary>, at: number): TrackSummary[] {
  return [...tracks].filter((track) => at - instant(track.last.observed_at) <= LOST_S * 1000);
}

/** A track as it stood at a moment; `null` when it was not there. */
export function trackAt(
  track: TrackSummary,
  points: TrackPath['points'],
  at: number,
): TrackSummary | null {
  const now_s = at / 1000;
  let i = points.length - 1;
  while (i >= 0 && (points[i]?.[2] ?? 0) > now_s) i -= 1;
  const last = points[i];
  if (!last || now_s - last[2] > LOST_S) return null;
  const next = points[i + 1];
  const [lon, lat, when_s, course] = last;
  const share =
    next && next[2] - when_s <= BETWEEN_S_MAX ? (now_s - when_s) / (next[2] - when_s) : 0;
  const here: [number, number] = next
    ? [lon + share * (next[0] - lon), lat + share * (next[1] - lat)]
    : [lon, lat];
  const tail = points
    .slice(0, i + 1)
    .filter((point) => now_s - point[2] <= TAIL_S)
    .map(([x, y, s]): [number, number, number] => [x, y, s]);
  tail.push([...here, now_s]);
  const { course_deg: _course, ...rest } = track.last;
  return {
    ...track,
    tail,
    last: {
      ...rest,
      observed_at: new Date(when_s * 1000).toISOString(),
      place: { ...track.last.place, position: { lon_deg: here[0], lat_deg: here[1] } },
      ...(course === null ? {} : { course_deg: course }),
    },
  };
}
