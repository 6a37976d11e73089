import { describe, expect, test } from 'vitest';
import { en } from '../../src/strings/en';
import { fr } from '../../src/strings/fr';
import { ru } from '../../src/strings/ru';
import { uk } from '../../src/strings/uk';

const LANGUAGES = { en, fr, ru, uk };

/** Every text of a catalogue by its path; functions are asked with sample values. */
function texts(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, String(value('1', 2, 3, 4, 5))]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => texts(one, `${path}.${name}`));
}
const paths = (value: unknown): string[] => texts(value).map(([path]) => path);

describe.each(Object.entries(LANGUAGES))('%s', (tag, catalogue) => {
  test('has every text, and none is empty', () => {
    expect(paths(catalogue)).toEqual(expect.arrayContaining(paths(en)));
    for (const [path, text] of texts(catalogue)) {
      expect(text.trim(), path).not.toBe('');
      expect(text, path).not.toMatch(/undefined|NaN|\[object/);
    }
  });
  test('is translated', () => {
    if (tag === 'en') return;
    const english = new Map(texts(en));
    const long = texts(catalogue).filter(([, text]) => text.length > 24);
    const same = long.filter(([path, text]) => english.get(path) === text);
    expect(same).toEqual([]);
  });
});

test('numbers take the form of their noun', () => {
  for (const [n, word] of [
    [1, 'судно'],
    [3, 'судна'],
    [5, 'суден'],
    [21, 'судно'],
    [12, 'суден'],
  ] as const) {
    expect(uk.situation.vessels(n)).toBe(`${n} ${word}`);
  }
  expect(ru.situation.vessels(104)).toBe('104 судна');
});
