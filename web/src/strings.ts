// The language of the page. Chosen before anything is drawn; a change loads the page again, and the
// address brings back the same view.

import { remember, remembered } from './state/storage';
import { en } from './strings/en';

export type Strings = typeof en;

/** Languages by their BCP 47 tags, each under its own name. */
export const LANGUAGES = {
  en: 'English',
  uk: 'Українська',
  ru: 'Русский',
  fr: 'Français',
} as const;
export type Language = keyof typeof LANGUAGES;

const OTHERS: Record<Exclude<Language, 'en'>, () => Promise<Strings>> = {
  uk: async () => (await import('./strings/uk')).uk,
  ru: async () => (await import('./strings/ru')).ru,
  fr: async () => (await import('./strings/fr')).fr,
};

/** Every word the page says. */
export let S: Strings = en;

const isLanguage = (tag: string | undefined | null): tag is Language =>
  tag !== undefined && tag !== null && tag in LANGUAGES;

/** The language chosen here, or the first of the reader's that the page speaks, or English. */
export function language(): Language {
  const chosen = remembered('language');
  if (isLanguage(chosen)) return chosen;
  const wanted = typeof navigator === 'undefined' ? [] : navigator.languages;
  return wanted.map((tag) => tag.split('-')[0]).find(isLanguage) ?? 'en';
}

/** Loads the words of a language; to be called before anything is drawn. */
export async function speak(tag: Language): Promise<void> {
  if (tag !== 'en') S = await OTHERS[tag]();
  document.documentElement.lang = tag;
}

export function chooseLanguage(tag: string): void {
  remember('language', tag);
  location.reload();
}
