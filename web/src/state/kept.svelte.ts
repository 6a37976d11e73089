// Views of the page that somebody wants to come back to, under a name. They stay in this browser: an
// address can be shared, and the log is no place for a note to oneself.

import { remember, remembered } from './storage';

export interface KeptView {
  name: string;
  hash: string;
  /** The moment it shows, for a mark on the timeline. */
  at: number | null;
}

/** What was stored, if it is one; a hash of somewhere else is no view of this page. */
function view(stored: unknown): KeptView | null {
  const { name, hash, at } = (stored ?? {}) as Partial<KeptView>;
  if (typeof name !== 'string' || typeof hash !== 'string' || !hash.startsWith('#/')) return null;
  return { name, hash, at: typeof at === 'number' ? at : null };
}

class Kept {
  all: readonly KeptView[] = $state.raw([]);

  /** The newest `most` are kept under a key of this browser's storage. */
  constructor(
    readonly key: string,
    readonly most: number,
  ) {
    try {
      const stored: unknown = JSON.parse(remembered(key) ?? '[]');
      if (Array.isArray(stored)) this.all = stored.map(view).filter((one) => one !== null);
    } catch {
      // What cannot be read is forgotten.
    }
  }

  /** Keeps a view; one of the same name gives way. */
  keep(kept: KeptView): void {
    const others = this.all.filter(({ name }) => name !== kept.name);
    this.#set([kept, ...others].slice(0, this.most));
  }

  drop(name: string): void {
    this.#set(this.all.filter((kept) => kept.name !== name));
  }

  #set(all: readonly KeptView[]): void {
    this.all = all;
    remember(this.key, JSON.stringify(all));
  }
}

/** Moments, with everything that the page showed of them. */
export const bookmarks = new Kept('bookmarks', 40);
/** Filters, order and period of the queue. */
export const savedViews = new Kept('views', 20);
