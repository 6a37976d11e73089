// In which units lengths and speeds are shown. Read once; a change loads the page again.

import { remember, remembered } from '../state/storage';

export const UNITS = ['metric', 'nautical', 'imperial'] as const;
export type Units = (typeof UNITS)[number];

const M_PER_NAUTICAL_MILE = 1852;
const M_PER_MILE = 1609.344;
const M_PER_FOOT = 0.3048;

export const units: Units = UNITS.find((name) => name === remembered('units')) ?? 'metric';

export function chooseUnits(name: string): void {
  remember('units', name);
  location.reload();
}

/** A length with two or three digits. */
export function length(m: number, system: Units): string {
  if (system === 'metric') {
    if (m < 1000) return `${m < 10 ? m.toFixed(1) : Math.round(m)} m`;
    return `${(m / 1000).toFixed(m < 10_000 ? 1 : 0)} km`;
  }
  const [per, name] = system === 'nautical' ? [M_PER_NAUTICAL_MILE, 'nmi'] : [M_PER_MILE, 'mi'];
  const far = m / per;
  if (far < 0.5) return `${Math.round(m / M_PER_FOOT)} ft`;
  return `${far.toFixed(far < 10 ? 1 : 0)} ${name}`;
}

/** A speed: metres a second, knots, or miles an hour. */
export function velocity(m_s: number, system: Units): string {
  if (system === 'metric') return `${m_s.toFixed(1)} m/s`;
  const [per, name] = system === 'nautical' ? [M_PER_NAUTICAL_MILE, 'kn'] : [M_PER_MILE, 'mph'];
  return `${((m_s * 3600) / per).toFixed(1)} ${name}`;
}
