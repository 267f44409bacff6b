import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FileCache } from '../../../lib/models/file-cache.ts';

/** Cache Storage in memory. Supports `ignoreSearch`. */
class FakeCache {
  readonly files = new Map<string, Response>();
  full = false;

  async match(url: URL) {
    return this.files.get(url.href)?.clone();
  }

  async put(url: URL, response: Response) {
    if (this.full) throw new DOMException('', 'QuotaExceededError');
    this.files.set(url.href, response);
  }

  async keys(url: URL) {
    return [...this.files.keys()].filter((key) => new URL(key).pathname === url.pathname).map((key) => ({ url: key }));
  }

  async delete({ url }: { url: string }) {
    return this.files.delete(url);
  }
}

let storage: FakeCache;

beforeEach(() => {
  vi.useFakeTimers();
  storage = new FakeCache();
  vi.stubGlobal('caches', { open: async () => storage });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const first = new URL('https://example.org/a.bin?sha256=1');
const second = new URL('https://example.org/a.bin?sha256=2');

describe('FileCache', () => {
  test('writes a second after the last file was queued', async () => {
    const cache = await FileCache.open();
    cache.write(first, 'one');
    await vi.advanceTimersByTimeAsync(900);
    cache.write(new URL('https://example.org/b.bin'), 'two');
    await vi.advanceTimersByTimeAsync(900);
    expect(storage.files.size).toBe(0);
    await vi.advanceTimersByTimeAsync(100);
    expect(storage.files.size).toBe(2);
    expect(new TextDecoder().decode(await cache.read(first))).toBe('one');
  });

  test('persist() writes without delay, and replaces an older version of a file', async () => {
    const cache = await FileCache.open();
    cache.write(first, 'one');
    expect(await cache.persist()).toBe(true);
    cache.write(second, 'two');
    expect(await cache.persist()).toBe(true);
    expect([...storage.files.keys()]).toEqual([second.href]);
  });

  test('persist() resolves to false after a failed write', async () => {
    const cache = await FileCache.open();
    storage.full = true;
    cache.write(first, 'one');
    expect(await cache.persist()).toBe(false);
    expect(await cache.read(first)).toBeUndefined();
    storage.full = false;
    expect(await cache.persist()).toBe(false);
  });

  test('persists nothing if the browser denies Cache Storage', async () => {
    vi.stubGlobal('caches', undefined);
    const cache = await FileCache.open();
    expect(await cache.persist()).toBe(true);
    cache.write(first, 'one');
    expect(await cache.read(first)).toBeUndefined();
    expect(await cache.persist()).toBe(false);
  });
});
