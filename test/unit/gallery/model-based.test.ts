import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { seeded } from '../../../lib/core/random.ts';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import type { memoryStore } from '../../../lib/gallery/storage/memory.ts';
import type { Store } from '../../../lib/gallery/storage/store.ts';
import { drawOperations } from '../../../scripts/fuzz/gallery-operations.ts';
import { runOperations } from '../../../scripts/fuzz/gallery-sequence.ts';
import { fastPassphrases } from '../../support/fast-passphrases.ts';

/** The store that both tabs of a sequence share. */
let shared: Store | undefined;

vi.mock('../../../lib/gallery/storage/memory.ts', async (importOriginal) => {
  const original = await importOriginal<{ memoryStore: typeof memoryStore }>();
  return {
    memoryStore: () => {
      shared ??= { ...original.memoryStore(), close: () => {} };
      return shared;
    },
  };
});

beforeEach(() => {
  fastPassphrases();
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** The number of sequences; the command `npm run fuzz -- --only gallery-sequences` runs more, in a browser. */
const sequences = 100;

test('a gallery answers like a plain model after any sequence of calls in two tabs', async () => {
  const open: typeof Gallery.open = (options) => Gallery.open({ ...options, storage: 'memory' });
  const inMemory = { open } as typeof Gallery;
  const sleep = (milliseconds: number) => void vi.setSystemTime(Date.now() + milliseconds);
  let effects = 0;
  for (let seed = 1; seed <= sequences; seed++) {
    shared = undefined;
    const operations = drawOperations(seeded(seed));
    try {
      effects += await runOperations({ messages: false, sleep, galleryOf: async () => inMemory }, operations);
    } catch (error) {
      throw new Error(`Seed ${seed}: ${JSON.stringify(operations)}`, { cause: error });
    }
  }
  // Guards against sequences that do nothing.
  expect(effects).toBeGreaterThan(sequences);
});
