// Incidents counted in bars of equal width over the time that the page knows.

import type { HourCount, IncidentSummary } from '../api';
import { worstVerdict, type Period } from './filter';
import { instant, middle } from './time';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Widths a bar may have, in minutes. */
const WIDTHS_MIN = [5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080, 20_160, 43_200];

export interface Bar {
  from: number;
  to: number;
  count: number;
  breaches: number;
}

/** Empty bars without gaps over a period, at most `most` of them, begun at whole widths of UTC. */
export function empty(domain: Period, most: number): Bar[] {
  const length = Math.max(HOUR_MS, domain.to - domain.from);
  const fits = WIDTHS_MIN.find((w) => length / (w * MINUTE_MS) <= Math.max(1, most - 1));
  const width = fits === undefined ? Math.ceil(length / most) : fits * MINUTE_MS;
  const made: Bar[] = [];
  for (let from = Math.floor(domain.from / width) * width; from < domain.to; from += width) {
    made.push({ from, to: from + width, count: 0, breaches: 0 });
  }
  return made;
}

function fill(bars: Bar[], at: number, count: number, breaches: number): void {
  const first = bars[0];
  if (!first) return;
  const bar = bars[Math.floor((at - first.from) / (first.to - first.from))];
  if (!bar) return;
  bar.count += count;
  bar.breaches += breaches;
}

/** Incidents in bars, by the middle of the time in which each happened. */
export function binned(items: Iterable<IncidentSummary>, domain: Period, most: number): Bar[] {
  const bars = empty(domain, most);
  for (const item of items) {
    fill(bars, middle(item.occurred), 1, worstVerdict(item) === 'breach' ? 1 : 0);
  }
  return bars;
}

/** The server's hourly counts in bars, for when the page does not hold every incident. */
export function hourly(hours: readonly HourCount[], domain: Period, most: number): Bar[] {
  const hourWide = Math.max(1, Math.min(most, (domain.to - domain.from) / HOUR_MS + 1));
  const bars = empty(domain, hourWide);
  for (const hour of hours) fill(bars, instant(hour.hour), hour.count, hour.breaches);
  return bars;
}

/** The period that a drag between two bars chooses, in either direction. */
export function dragged(all: readonly Bar[], a: number, b: number): Period | null {
  const from = all[Math.max(0, Math.min(a, b))];
  const to = all[Math.min(all.length - 1, Math.max(a, b))];
  return from && to ? { from: from.from, to: to.to } : null;
}

/** The same period, moved by its own length. */
export function shifted(period: Period, steps: number): Period {
  const length = period.to - period.from;
  return { from: period.from + steps * length, to: period.to + steps * length };
}
