// An explanation as a running sum of log-odds, and distributions ready to draw.

import type { Attribution, Slug, Term } from '../api';

export function probabilityOf(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}

export interface Line {
  term: Term;
  /** Log-odds before and after this line. */
  before: number;
  after: number;
  /** Probability after this line. */
  probability: number;
}

/** The explanation's lines, each with the belief it leaves behind. */
export function runningSum(terms: readonly Term[]): Line[] {
  let sum = 0;
  return terms.map((term) => {
    const before = sum;
    sum += term.log_odds;
    return { term, before, after: sum, probability: probabilityOf(sum) };
  });
}

/** The half-width of a chart that holds all terms, in log-odds; never zero. */
export function chartExtent(terms: readonly Term[]): number {
  return terms.reduce((most, term) => Math.max(most, Math.abs(term.log_odds)), 1);
}

export interface Share {
  name: Slug | null;
  p: number;
}

/** Parties with their probability, largest first, and what is left as undetermined (`null`) last. */
export function attributionShares(attribution: Attribution): Share[] {
  const parties = Object.entries(attribution.parties)
    .map(([name, p]): Share => ({ name, p }))
    .sort((a, b) => b.p - a.p);
  const named = parties.reduce((sum, share) => sum + share.p, 0);
  return [...parties, { name: null, p: Math.max(0, 1 - named) }];
}

/** The entries of a distribution, most probable first. */
export function ranked(distribution: Partial<Record<string, number>>): [string, number][] {
  return Object.entries(distribution)
    .filter((entry): entry is [string, number] => entry[1] !== undefined)
    .sort((a, b) => b[1] - a[1]);
}
