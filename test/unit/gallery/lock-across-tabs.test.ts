import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import type * as indexedDB from '../../../lib/gallery/storage/indexeddb.ts';
import type { Store } from '../../../lib/gallery/storage/store.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { fastPassphrases } from '../../support/fast-passphrases.ts';
import { rule } from '../../support/synthetic.ts';

/** The store of all tabs, and what runs before each of its reads. */
const shared = vi.hoisted(() => ({ store: undefined as Store | undefined, beforeRead: async () => {} }));

// Node has no IndexedDB, so the tabs share a store in memory. It has BroadcastChannel, by which tabs tell each other of locks.
vi.mock('../../../lib/gallery/storage/indexeddb.ts', async (importOriginal) => {
  const { memoryStore } = await import('../../../lib/gallery/storage/memory.ts');
  const open = async () => {
    shared.store ??= memoryStore();
    const { store } = shared;
    return {
      ...store,
      close: () => {},
      read: async () => {
        await shared.beforeRead();
        return store.read();
      },
    };
  };
  return { ...(await importOriginal<typeof indexedDB>()), indexedDBStore: open };
});

beforeEach(fastPassphrases);
afterEach(() => {
  vi.restoreAllMocks();
  Object.assign(shared, { store: undefined, beforeRead: async () => {} });
});

const name = 'lock-across-tabs';
const open = (passphrase?: string) =>
  Gallery.open({ name, facenet: { rule }, ...(passphrase !== undefined && { passphrase }) });

test('locks a tab that has not read the gallery since another tab protected it', async () => {
  await using first = await open();
  await using second = await open();
  await first.protect('passphrase');
  await first.lock();
  await vi.waitFor(() => expect(second.locked).toBe(true));
  await expect(second.list()).rejects.toMatchObject({ code: 'gallery-locked' });
});

test('a gallery that another tab rekeys and locks while it is opened is not unlocked', async () => {
  let reads = 0;
  /** Runs something before a read, counted from 0, of the next gallery that is opened. */
  const beforeRead = (at: number, run: () => Promise<void>) => {
    reads = 0;
    shared.beforeRead = async () => {
      if (reads++ === at) await run();
    };
  };
  await using first = await open('passphrase');
  beforeRead(Number.POSITIVE_INFINITY, async () => {});
  await (await open('passphrase')).close();
  const all = reads;
  expect(all).toBeGreaterThan(1);
  for (let at = 0; at < all; at++) {
    await first.unlock('passphrase');
    beforeRead(at, async () => {
      // The tab that is opened receives messages before this one does.
      await using last = await open('passphrase');
      await first.rekey('passphrase');
      await first.lock();
      await vi.waitFor(() => expect(last.locked).toBe(true));
    });
    expect(await errorCodeOf(open('passphrase'))).toBe('gallery-locked');
  }
});
