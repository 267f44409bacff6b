import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import type * as indexedDB from '../../../lib/gallery/storage/indexeddb.ts';
import { fastPassphrases } from '../../support/fast-passphrases.ts';
import { rule } from '../../support/synthetic.ts';

// Node has no IndexedDB, so both tabs share a store in memory. It has BroadcastChannel, by which tabs tell each other of locks.
vi.mock('../../../lib/gallery/storage/indexeddb.ts', async (importOriginal) => {
  const { memoryStore } = await import('../../../lib/gallery/storage/memory.ts');
  const shared = { ...memoryStore(), close: () => {} };
  return { ...(await importOriginal<typeof indexedDB>()), indexedDBStore: async () => shared };
});

beforeEach(fastPassphrases);
afterEach(() => vi.restoreAllMocks());

test('locks a tab that has not read the gallery since another tab protected it', async () => {
  const open = () => Gallery.open({ name: 'lock-across-tabs', facenet: { rule } });
  await using first = await open();
  await using second = await open();
  await first.protect('passphrase');
  await first.lock();
  await vi.waitFor(() => expect(second.locked).toBe(true));
  await expect(second.list()).rejects.toMatchObject({ code: 'gallery-locked' });
});
