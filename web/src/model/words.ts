// Numbers as people read them, and the words of ICD 203 for probability.

import { S } from '../strings';
import { length, units, velocity } from './units';

/** The upper bounds of the words of ICD 203; the last word has none. */
const LIKELIHOODS = [0.05, 0.2, 0.45, 0.55, 0.8, 0.95];

/** The word of ICD 203 (2015, table in D.6.e.2.a), as `truce-core` chooses it. */
export function likelihood(p: number): string {
  const found = LIKELIHOODS.findIndex((bound) => p < bound);
  return S.likelihoods[found < 0 ? LIKELIHOODS.length : found] ?? '';
}

/** A probability in per cent that never claims 0 or 100. */
export function percent(p: number): string {
  if (p > 0 && p < 0.01) return '< 1 %';
  if (p < 1 && p > 0.99) return '> 99 %';
  return `${Math.round(p * 100)} %`;
}

/** A count with its thousands apart. */
export function count(n: number): string {
  return n.toLocaleString(S.locale);
}

/** A length in the units chosen. */
export function metres(m: number): string {
  return length(m, units);
}

/** A speed in the units chosen. */
export function speed(m_s: number): string {
  return velocity(m_s, units);
}

/** Signed log-odds with a true minus sign. */
export function signed(x: number): string {
  const text = Math.abs(x).toFixed(2);
  return x < 0 ? `−${text}` : `+${text}`;
}

/** A position in decimal degrees with hemispheres. */
export function position(lat_deg: number, lon_deg: number): string {
  const half = (v: number, plus: string, minus: string): string =>
    `${Math.abs(v).toFixed(4)}° ${v < 0 ? minus : plus}`;
  const { n, s, e, w } = S.hemispheres;
  return `${half(lat_deg, n, s)}, ${half(lon_deg, e, w)}`;
}

/** A person's name as the log writes it: lower case, letters, digits and hyphens. */
export function slug(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._/]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 96);
}
