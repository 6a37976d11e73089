// What this browser remembers between visits. Storage may be forbidden; the page works without it.

export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(`truce.${key}`);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`truce.${key}`, value);
  } catch {
    // As above.
  }
}
