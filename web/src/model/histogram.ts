// Hourly counts folded into bars of equal width.

import type { HourCount } from '../api';
import { instant } from './time';
import type { Period } from './filter';

const HOUR_MS = 3_600_000;
/** Widths a bar may have, in hours. */
const WIDTHS_H = [1, 2, 3, 6, 12, 24, 48, 168, 336, 720];

export interface Bar {
  from: number;
  to: number;
  count: number;
  breaches: number;
}

/** Bars without gaps from the first hour to the last, at most `most` of them. */
export function bars(hourly: readonly HourCount[], most: number): Bar[] {
  if (hourly.length === 0) return [];
  const starts = hourly.map((hour) => instant(hour.hour));
  const first = Math.min(...starts);
  const hours = (Math.max(...starts) - first) / HOUR_MS + 1;
  const width = (WIDTHS_H.find((w) => hours / w <= most) ?? Math.ceil(hours / most)) * HOUR_MS;
  const made: Bar[] = [];
  for (let from = first; from < first + hours * HOUR_MS; from += width) {
    made.push({ from, to: from + width, count: 0, breaches: 0 });
  }
  hourly.forEach((hour, i) => {
    const bar = made[Math.floor(((starts[i] ?? first) - first) / width)];
    if (!bar) return;
    bar.count += hour.count;
    bar.breaches += hour.breaches;
  });
  return made;
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
