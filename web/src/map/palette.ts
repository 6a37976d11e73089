// Colours of the map and its symbols, by theme. Parties have neutral colours that are in no flag
// concerned; neither stands for an enemy, and no territory is filled by party.

export type Theme = 'light' | 'dark';

export interface Palette {
  sea: string;
  land: string;
  coast: string;
  border: string;
  ink: string;
  halo: string;
  muted: string;
  line: string;
  buffer: string;
  withdrawal: string;
  corridor: string;
  place: string;
  protectedObject: string;
  selected: string;
  symbolEdge: string;
  verdict: Record<string, string>;
  health: Record<string, string>;
  track: Record<string, string>;
  /** Chance to detect from 0 to 1. */
  coverage: readonly string[];
}

const LIGHT: Palette = {
  sea: '#d5e0e7',
  land: '#f3f2ee',
  coast: '#a9b8c2',
  border: '#b3aebb',
  ink: '#22303c',
  halo: '#ffffff',
  muted: '#5d6b78',
  line: '#2b3440',
  buffer: '#8a7440',
  withdrawal: '#6f7a88',
  corridor: '#2f7488',
  place: '#55616c',
  protectedObject: '#4f6a8c',
  selected: '#10202e',
  symbolEdge: '#ffffff',
  verdict: { breach: '#b3501b', undetermined: '#66758a', compliant: '#55806a', none: '#8d949c' },
  health: {
    working: '#43806b',
    degraded: '#a5771c',
    jammed: '#8a4b8f',
    off: '#6b6f76',
    unknown: '#9aa1a9',
  },
  track: { vessel: '#245d86', uav: '#6a4a94', other: '#4d6270' },
  coverage: ['#efe9dc', '#cbd9c9', '#8fbdb5', '#4f93a3', '#2a6385'],
};

const DARK: Palette = {
  sea: '#10181f',
  land: '#1c252d',
  coast: '#3b4c59',
  border: '#4a4f60',
  ink: '#e4e9ed',
  halo: '#10181f',
  muted: '#93a1ad',
  line: '#e9e4d6',
  buffer: '#c3a866',
  withdrawal: '#8f9bab',
  corridor: '#5fa9bd',
  place: '#a5b1bb',
  protectedObject: '#8fabce',
  selected: '#ffffff',
  symbolEdge: '#10181f',
  verdict: { breach: '#e27d42', undetermined: '#93a3ba', compliant: '#79ac92', none: '#7f8891' },
  health: {
    working: '#63ab90',
    degraded: '#d6a544',
    jammed: '#bd7fc2',
    off: '#8f959d',
    unknown: '#6f7882',
  },
  track: { vessel: '#6fabd6', uav: '#ab8bd6', other: '#93a9b8' },
  coverage: ['#2a2620', '#2d3b3a', '#2f5c62', '#3d8592', '#7cc0c4'],
};

export const palette = (theme: Theme): Palette => (theme === 'dark' ? DARK : LIGHT);

const PARTIES: Record<Theme, string[]> = {
  light: ['#23777a', '#8b5a8c', '#6f6a2c', '#7a5a46'],
  dark: ['#5bb3b3', '#c493c4', '#b3ac66', '#bd9a82'],
};

/** The colour of the n-th party, in the mission's own order. */
export function partyColour(n: number, theme: Theme): string {
  const colours = PARTIES[theme];
  return colours[((n % colours.length) + colours.length) % colours.length] ?? '#777777';
}
