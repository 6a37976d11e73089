// What this officer has read, taken up and saved as a view. It stays in this browser: until there are
// accounts the server does not know who looks.

import { remember, remembered } from './storage';

/** Most that are remembered; the oldest are forgotten first. */
const READ_MAX = 5000;
const VIEWS_MAX = 20;

export interface SavedView {
  name: string;
  hash: string;
}

function list<T>(key: string, is: (value: unknown) => value is T): T[] {
  try {
    const parsed: unknown = JSON.parse(remembered(key) ?? '[]');
    return Array.isArray(parsed) ? parsed.filter(is) : [];
  } catch {
    return [];
  }
}
const isText = (value: unknown): value is string => typeof value === 'string';
const isView = (value: unknown): value is SavedView =>
  typeof (value as SavedView | null)?.name === 'string' &&
  typeof (value as SavedView | null)?.hash === 'string';

class Inbox {
  read: ReadonlySet<string> = $state.raw(new Set(list('read', isText)));
  mine: ReadonlySet<string> = $state.raw(new Set(list('mine', isText)));
  views: readonly SavedView[] = $state.raw(list('views', isView));

  /** Marks as read: an id with its revision, so that a changed incident is unread again. */
  markRead(marks: readonly string[]): void {
    if (marks.every((mark) => this.read.has(mark))) return;
    const all = [...this.read, ...marks.filter((mark) => !this.read.has(mark))].slice(-READ_MAX);
    this.read = new Set(all);
    remember('read', JSON.stringify(all));
  }

  /** Takes incidents up, or lays them down. */
  take(ids: readonly string[], mine: boolean): void {
    const all = new Set(this.mine);
    for (const id of ids) {
      if (mine) all.add(id);
      else all.delete(id);
    }
    this.mine = all;
    remember('mine', JSON.stringify([...all].slice(-READ_MAX)));
  }

  saveView(name: string, hash: string): void {
    const others = this.views.filter((view) => view.name !== name);
    this.#setViews([...others, { name, hash }].slice(-VIEWS_MAX));
  }
  dropView(name: string): void {
    this.#setViews(this.views.filter((view) => view.name !== name));
  }
  #setViews(views: readonly SavedView[]): void {
    this.views = views;
    remember('views', JSON.stringify(views));
  }
}

export const inbox = new Inbox();
