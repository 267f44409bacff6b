import { fromBase64, toBase64 } from '../crypto/bytes.ts';

/** A value in localStorage, as JSON with bytes in base64. Workers have no localStorage: there it is always absent. */
export class LocalRecord<T> {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  /** The stored text; undefined without one. */
  text(): string | undefined {
    try {
      return localStorage.getItem(this.#key) ?? undefined;
    } catch {
      return undefined;
    }
  }

  /** The stored value; undefined without one, and for one that is damaged. */
  read(): T | undefined {
    const text = this.text();
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text, withTextAsBytes) as T;
    } catch {
      return undefined;
    }
  }

  /** Stores a value. @returns whether the browser allowed it. */
  write(value: T): boolean {
    return this.restore(JSON.stringify(value, withBytesAsText));
  }

  /** Stores a text of {@link text}, or deletes the record. @returns whether the browser allowed it. */
  restore(text: string | undefined): boolean {
    try {
      if (text === undefined) localStorage.removeItem(this.#key);
      else localStorage.setItem(this.#key, text);
      return true;
    } catch {
      return false;
    }
  }
}

function withBytesAsText(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { base64: toBase64(value) } : value;
}

function withTextAsBytes(_: string, value: unknown): unknown {
  const text = (value as { base64?: unknown } | null)?.base64;
  return typeof text === 'string' ? fromBase64(text) : value;
}
