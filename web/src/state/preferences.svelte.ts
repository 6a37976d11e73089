// What this browser remembers: colours and the officer's name. Never anything of the mission.

import type { Theme } from '../map/palette';
import { remember, remembered } from './storage';

export const THEME_CHOICES = ['auto', 'light', 'dark'] as const;
export type ThemeChoice = (typeof THEME_CHOICES)[number];

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
