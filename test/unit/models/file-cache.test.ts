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

  async keys(url?: URL) {
    const all = [...this.files.keys()];
    return all.filter((key) => !url || new URL(key).pathname === url.pathname).map((key) => ({ url: key }));
  }

  async delete(request: string | { url: string }) {
    return this.files.delete(typeof request === 'string' ? request : request.url);
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
    cache.write(second, 'two', { replacesOlder: true });
    expect(await cache.persist()).toBe(true);
    expect([...storage.files.keys()]).toEqual([second.href]);
  });

  test('keeps the older manifest and its files until the new ones are complete, and then deletes unnamed files', async () => {
    const url = new URL('https://example.org/manifest.json');
    const nested = ['https://example.org/own/manifest.json', 'https://example.org/own/a.bin?sha256=9'];
    for (const each of nested) storage.files.set(each, new Response('nested'));
    const cache = await FileCache.open();
    cache.write(first, 'one');
    cache.write(new URL('https://example.org/gone.bin?sha256=1'), 'gone');
    cache.writeManifest({ url, text: 'old', names: new Set([first.href]), isComplete: () => false });
    expect(await cache.persist()).toBe(false);

    const old = await FileCache.open();
    old.writeManifest({ url, text: 'old', names: new Set([first.href]), isComplete: () => true });
    expect(await old.persist()).toBe(true);
    expect([...storage.files.keys()].sort()).toEqual([first.href, url.href, ...nested].sort());

    const update = await FileCache.open();
    let complete = false;
    update.write(second, 'two');
    update.writeManifest({ url, text: 'new', names: new Set([second.href]), isComplete: () => complete });
    expect(await update.persist()).toBe(false);
    // The page is closed here: the older manifest and its file are still there.
    expect(new TextDecoder().decode(await update.read(url))).toBe('old');
    expect(await update.read(first)).toBeDefined();
    complete = true;
    expect(await update.persist()).toBe(true);
    expect(new TextDecoder().decode(await update.read(url))).toBe('new');
    expect([...storage.files.keys()].sort()).toEqual([second.href, url.href, ...nested].sort());
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
