import { type Signal, signal } from '@preact/signals';

const prefix = 'facenet-web-demo:';

/**
 * A signal that outlives the page, where the browser lets it: a private window may not.
 *
 * @param fits whether what was kept is still a value that this setting can have.
 */
export function setting<Value extends string>(
  name: string,
  otherwise: Value,
  fits: (value: string) => boolean,
): Signal<Value> {
  const kept = recall(prefix + name);
  const value = signal(kept !== null && fits(kept) ? (kept as Value) : otherwise);
  // Only what somebody chose is kept; what was found out by itself may be another next time.
  let first = true;
  value.subscribe((now) => {
    if (!first) keep(prefix + name, now);
    first = false;
  });
  return value;
}

/** Forgets every setting. They keep their values until the page is loaded again. */
export function forgetSettings(): void {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(prefix)) localStorage.removeItem(name);
  } catch {
    // What may not be read was not kept either.
  }
}

function recall(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Then it holds for as long as the page does.
  }
}
