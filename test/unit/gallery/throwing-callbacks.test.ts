import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FaceNetError } from '../../../lib/core/errors.ts';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import type * as indexedDB from '../../../lib/gallery/storage/indexeddb.ts';
import type { StoreEvents } from '../../../lib/gallery/storage/store.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { fastPassphrases } from '../../support/fast-passphrases.ts';
import { rule } from '../../support/synthetic.ts';

/** Whether another tab has erased the gallery, which the store finds at the next call. */
let isErased = false;

// Node has no IndexedDB. This store in memory ends as a connection to a database does that another tab deletes.
vi.mock('../../../lib/gallery/storage/indexeddb.ts', async (importOriginal) => {
  const { memoryStore } = await import('../../../lib/gallery/storage/memory.ts');
  const open = async (_name: string, _options: object, { onClose }: StoreEvents) => {
    const store = memoryStore();
    const revision = async () => {
      if (!isErased) return store.revision();
      onClose('was erased in another tab');
      throw new FaceNetError('disposed', 'The gallery was erased in another tab.');
    };
    return { ...store, revision };
  };
  return { ...(await importOriginal<typeof indexedDB>()), indexedDBStore: open };
});

/** The errors that the browser reports as uncaught. */
let reported: unknown[] = [];
const thrown = new Error('The page cannot show the change.');
const onChange = () => {
  throw thrown;
};

beforeEach(() => {
  fastPassphrases();
  const { queueMicrotask } = globalThis;
  vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((call) =>
    queueMicrotask(() => {
      try {
        call();
      } catch (error) {
        reported.push(error);
      }
    }),
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  reported = [];
  isErased = false;
});

const open = () =>
  Gallery.open({ name: 'throwing-callbacks', facenet: { rule }, passphrase: 'one', lockAfter: 1000, onChange });

test('an error of onChange does not replace that of a call which finds the gallery idle for too long', async () => {
  await using gallery = await open();
  vi.setSystemTime(Date.now() + 2000);
  expect(await errorCodeOf(gallery.list())).toBe('gallery-locked');
  expect(reported).toEqual([thrown]);
});

test('an error of onChange does not replace the answer of `locked`', async () => {
  await using gallery = await open();
  vi.setSystemTime(Date.now() + 2000);
  expect(gallery.locked).toBe(true);
  await Promise.resolve();
  expect(reported).toEqual([thrown]);
});

test('an error of onChange does not replace that of a call which finds the gallery erased', async () => {
  const gallery = await open();
  isErased = true;
  expect(await errorCodeOf(gallery.list())).toBe('disposed');
  expect(reported).toEqual([thrown]);
});
