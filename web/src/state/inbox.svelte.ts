// What this officer has read and taken up. It stays in this browser: until there are accounts the
// server does not know who looks.

import { remember, remembered } from './storage';

/** Most that are remembered; the oldest are forgotten first. */
const READ_MAX = 5000;

function list(key: string): string[] {
  try {
    const parsed: unknown = JSON.parse(remembered(key) ?? '[]');
    return Array.isArray(parsed) ? parsed.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

class Inbox {
  read: ReadonlySet<string> = $state.raw(new Set(list('read')));
  mine: ReadonlySet<string> = $state.raw(new Set(list('mine')));

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
}

export const inbox = new Inbox();
