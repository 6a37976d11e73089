// Numbers as people read them, and the words of ICD 203 for probability.

/** The word of ICD 203 (2015, table in D.6.e.2.a), as `truce-core` chooses it. */
export function likelihood(p: number): string {
  if (p < 0.05) return 'almost no chance';
  if (p < 0.2) return 'very unlikely';
  if (p < 0.45) return 'unlikely';
  if (p < 0.55) return 'roughly even chance';
  if (p < 0.8) return 'likely';
  if (p < 0.95) return 'very likely';
  return 'almost certain';
}

/** A probability in per cent that never claims 0 or 100. */
export function percent(p: number): string {
  if (p > 0 && p < 0.01) return '< 1 %';
  if (p < 1 && p > 0.99) return '> 99 %';
  return `${Math.round(p * 100)} %`;
}

const whole = new Intl.NumberFormat('en-GB');

/** A count with its thousands apart. */
export function count(n: number): string {
  return whole.format(n);
}

/** A length in metres or kilometres with two or three digits. */
export function metres(m: number): string {
  if (m < 1000) return `${m < 10 ? m.toFixed(1) : Math.round(m)} m`;
  return `${(m / 1000).toFixed(m < 10_000 ? 1 : 0)} km`;
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
  return `${half(lat_deg, 'N', 'S')}, ${half(lon_deg, 'E', 'W')}`;
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
