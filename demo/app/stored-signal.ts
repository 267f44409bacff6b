import { type Signal, signal } from '@preact/signals';

const prefix = 'facenet-web-demo:';

/**
 * A signal whose value is stored in localStorage. If the browser refuses, as some private windows do, the value lasts as
 * long as the page.
 *
 * @param defaultValue the value if none is stored. It is not written: a detected default may differ on the next visit.
 * @param isValid whether a stored string is a valid value.
 */
export function storedSignal<Value extends string>(
  name: string,
  defaultValue: Value,
  isValid: (value: string) => boolean,
): Signal<Value> {
  const stored = read(prefix + name);
  const value = signal(stored !== null && isValid(stored) ? (stored as Value) : defaultValue);
  let first = true;
  value.subscribe((next) => {
    if (!first) write(prefix + name, next);
    first = false;
  });
  return value;
}

/** Removes all stored values. The signals keep theirs until the page is reloaded. */
export function clearStoredSignals(): void {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(prefix)) localStorage.removeItem(name);
  } catch {
    // A browser that denies access to localStorage has stored nothing either.
  }
}

function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // The value lasts as long as the page.
  }
}
