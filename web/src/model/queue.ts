// The queue keeps still while somebody reads it: the order is taken once and only items change.

import type { IncidentSummary } from '../api';

export interface Standing {
  /** Ids in the order shown. */
  order: string[];
  /** Ids that passed since then and wait to be shown. */
  waiting: string[];
}

/** Takes the order of a fresh selection. */
export function settle(selection: readonly IncidentSummary[]): Standing {
  return { order: selection.map((item) => item.id), waiting: [] };
}

/** Keeps the order, and lists what came since. */
export function keepStill(standing: Standing, selection: readonly IncidentSummary[]): Standing {
  const shown = new Set(standing.order);
  const waiting = selection.filter((item) => !shown.has(item.id)).map((item) => item.id);
  return { order: standing.order, waiting };
}

export interface Window {
  first: number;
  last: number;
}

/** Which rows of a long list are drawn, with some above and below for smooth scrolling. */
export function rowsInView(
  scrollTop: number,
  height: number,
  rowHeight: number,
  total: number,
): Window {
  const spare = 6;
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - spare);
  const last = Math.min(total, Math.ceil((scrollTop + height) / rowHeight) + spare);
  return { first: Math.min(first, Math.max(0, total)), last };
}
