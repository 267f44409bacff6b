import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import type * as indexedDB from '../../../lib/gallery/storage/indexeddb.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { fastPassphrases } from '../../support/fast-passphrases.ts';
import { rule } from '../../support/synthetic.ts';

/** Closes the gallery that was opened last, as when another tab erases it. */
let close = () => {};

// Node has no IndexedDB. A gallery that is not in memory has a BroadcastChannel, which Node has.
vi.mock('../../../lib/gallery/storage/indexeddb.ts', async (importOriginal) => {
  const { memoryStore } = await import('../../../lib/gallery/storage/memory.ts');
  const indexedDBStore: (typeof indexedDB)['indexedDBStore'] = async (_gallery, _options, { onClose }) => {
    close = () => onClose('was erased in another tab');
    return memoryStore();
  };
  return { ...(await importOriginal<typeof indexedDB>()), indexedDBStore };
});

beforeEach(fastPassphrases);
afterEach(() => vi.restoreAllMocks());

/** Until this number of microtasks after the call the gallery is closed. */
const steps = 12;

const calls: Record<string, { passphrase?: string; call: (gallery: Gallery) => Promise<unknown>; code: string }> = {
  'lock() of a gallery with a passphrase': { passphrase: 'one', call: (gallery) => gallery.lock(), code: 'no error' },
  'lock() of a gallery without one': { call: (gallery) => gallery.lock(), code: 'option-invalid' },
  'unlock() of a gallery': { passphrase: 'one', call: (gallery) => gallery.unlock('one'), code: 'no error' },
};

test.each(Object.entries(calls))(
  '%s that is closed meanwhile gives the usual outcome or throws disposed',
  async (_, { passphrase, call, code }) => {
    const outcomes = [];
    for (let step = 0; step < steps; step++) {
      const options = { name: 'closed', facenet: { rule }, ...(passphrase !== undefined && { passphrase }) };
      const called = errorCodeOf(call(await Gallery.open(options)));
      for (let i = 0; i < step; i++) await undefined;
      close();
      outcomes.push(await called);
    }
    expect(new Set([...outcomes, code, 'disposed'])).toEqual(new Set([code, 'disposed']));
  },
);
