// What this browser remembers: colours and the officer's name. Never anything of the mission.

import type { Theme } from '../map/palette';

export const THEME_CHOICES = ['auto', 'light', 'dark'] as const;
export type ThemeChoice = (typeof THEME_CHOICES)[number];

function remembered(key: string): string | null {
  try {
    return localStorage.getItem(`truce.${key}`);
  } catch {
    return null; // Storage may be forbidden; the page works without it.
  }
}

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`truce.${key}`, value);
  } catch {
    // As above.
  }
}

class Preferences {
  #system = window.matchMedia('(prefers-color-scheme: dark)');
  #systemDark = $state(this.#system.matches);
  choice: ThemeChoice = $state('auto');
  officer = $state(remembered('officer') ?? '');

  readonly theme: Theme = $derived(
    this.choice === 'auto' ? (this.#systemDark ? 'dark' : 'light') : this.choice,
  );

  constructor() {
    const choice = remembered('theme');
    this.choice = THEME_CHOICES.find((known) => known === choice) ?? 'auto';
    this.#system.addEventListener('change', (event) => {
      this.#systemDark = event.matches;
    });
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice;
    remember('theme', choice);
  }

  signAs(officer: string): void {
    this.officer = officer;
    remember('officer', officer);
  }
}

export const preferences = new Preferences();
