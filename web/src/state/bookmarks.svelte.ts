// Moments and views that somebody wants to come back to. They stay in this browser: an address can
// be shared, and the log is no place for a note to oneself.

import { remember, remembered } from './storage';

export interface Bookmark {
  name: string;
  hash: string;
  at: number | null;
}

/** Most that are kept. */
const MOST = 40;

function read(): Bookmark[] {
  try {
    const list: unknown = JSON.parse(remembered('bookmarks') ?? '[]');
    if (!Array.isArray(list)) return [];
    return list.filter(
      (mark): mark is Bookmark =>
        typeof mark?.name === 'string' &&
        typeof mark?.hash === 'string' &&
        mark.hash.startsWith('#/') &&
        (mark.at === null || typeof mark.at === 'number'),
    );
  } catch {
    return [];
  }
}

class Bookmarks {
  all: readonly Bookmark[] = $state.raw(read());

  /** Keeps a view; one of the same name gives way. */
  keep(name: string, hash: string, at: number | null): void {
    const others = this.all.filter((mark) => mark.name !== name);
    this.#set([{ name, hash, at }, ...others].slice(0, MOST));
  }

  drop(name: string): void {
    this.#set(this.all.filter((mark) => mark.name !== name));
  }

  #set(all: readonly Bookmark[]): void {
    this.all = all;
    remember('bookmarks', JSON.stringify(all));
  }
}

export const bookmarks = new Bookmarks();
