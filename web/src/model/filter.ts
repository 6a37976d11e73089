// Which incidents are shown, and in which order. Pure: the same incidents give the same list.

import type { IncidentSummary, Timestamp, Verdict } from '../api';
import { instant, middle } from './time';
import { S } from '../strings';

export interface Filter {
  kind: string | null;
  status: string | null;
  verdict: string | null;
  sector: string | null;
  probabilityMin: number;
  text: string;
  /** Also those that no longer stand by themselves. */
  withdrawn: boolean;
  /** Only what this officer has not read, or has taken up. */
  only: Only | null;
}
export const ONLY = ['unread', 'mine'] as const;
export type Only = (typeof ONLY)[number];
export const NO_FILTER: Filter = {
  kind: null,
  status: null,
  verdict: null,
  sector: null,
  probabilityMin: 0,
  text: '',
  withdrawn: false,
  only: null,
};

export interface Period {
  /** Milliseconds; half-open. */
  from: number;
  to: number;
}

export const SORTS = ['clock', 'time', 'probability'] as const;
export type Sort = (typeof SORTS)[number];

/** The assessment that counts: breach before undetermined before compliant; `none` without any. */
export function worstVerdict(item: IncidentSummary): Verdict | 'none' {
  const held = (verdict: Verdict): boolean => item.verdicts.some((v) => v.verdict === verdict);
  if (held('breach')) return 'breach';
  if (held('undetermined')) return 'undetermined';
  return held('compliant') ? 'compliant' : 'none';
}

/** When the next clock of an incident runs out, in milliseconds. */
export function dueAt(item: IncidentSummary): number | null {
  const next = item.next_clock;
  if (next === null || next === undefined) return null;
  const due: Timestamp = typeof next === 'string' ? next : next.due_at;
  return instant(due);
}

/** What a text search looks at. */
function searched(item: IncidentSummary): string {
  const clauses = item.verdicts.map((v) => v.clause).join(' ');
  const serial = item.serial === null ? '' : S.incident.serial(item.serial);
  const names = [
    S.kind(item.kind),
    item.class ? S.eventClass(item.class) : '',
    S.status(item.status),
  ];
  return [item.id, serial, ...names, item.sector, item.zone, clauses, item.attributed_to]
    .join(' ')
    .toLowerCase();
}

/** How an incident is marked as read; a new revision or status is unread again. */
export const mark = (item: IncidentSummary): string =>
  `${item.short_id}.${item.revision}.${item.status}`;

/** What this officer has read and taken up. */
export interface Personal {
  read: ReadonlySet<string>;
  mine: ReadonlySet<string>;
}

/** Whether an incident belongs to what is unread, or to what is the officer's own. */
export function concerns(item: IncidentSummary, only: Only | null, own: Personal): boolean {
  if (only === 'mine') return own.mine.has(item.id);
  return only !== 'unread' || !own.read.has(mark(item));
}

/** Whether an incident passes the filter and falls into the period. */
export function passes(item: IncidentSummary, filter: Filter, period: Period | null): boolean {
  if (item.withdrawn && !filter.withdrawn) return false;
  if (filter.kind !== null && item.kind !== filter.kind) return false;
  if (filter.status !== null && item.status !== filter.status) return false;
  if (filter.verdict !== null && worstVerdict(item) !== filter.verdict) return false;
  if (filter.sector !== null && item.sector !== filter.sector) return false;
  if (item.probability < filter.probabilityMin) return false;
  if (period) {
    const at = middle(item.occurred);
    if (at < period.from || at >= period.to) return false;
  }
  const wanted = filter.text.trim().toLowerCase();
  if (wanted === '') return true;
  const text = searched(item);
  return wanted.split(/\s+/).every((piece) => text.includes(piece));
}

function newestFirst(a: IncidentSummary, b: IncidentSummary): number {
  return middle(b.occurred) - middle(a.occurred) || (a.id < b.id ? -1 : 1);
}

const ORDERS: Record<Sort, (a: IncidentSummary, b: IncidentSummary) => number> = {
  time: newestFirst,
  probability: (a, b) => b.probability - a.probability || newestFirst(a, b),
  clock: (a, b) => {
    const [x, y] = [dueAt(a) ?? Infinity, dueAt(b) ?? Infinity];
    return x === y ? newestFirst(a, b) : x - y;
  },
};

/** The incidents of a list that pass, in order. */
export function select(
  items: Iterable<IncidentSummary>,
  filter: Filter,
  period: Period | null,
  sort: Sort,
): IncidentSummary[] {
  const kept: IncidentSummary[] = [];
  for (const item of items) if (passes(item, filter, period)) kept.push(item);
  return kept.sort(ORDERS[sort]);
}
