import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import type { GalleryOptions } from '../../../lib/gallery/options.ts';
import type { memoryStore } from '../../../lib/gallery/storage/memory.ts';
import type { Store } from '../../../lib/gallery/storage/store.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { fastPassphrases } from '../../support/fast-passphrases.ts';
import { rule, Synthetic } from '../../support/synthetic.ts';

/** The store that all tabs share. */
let shared: Store | undefined;
/** Runs before each read of the revision: the first step after unlock() has the key. */
let beforeRevision = async () => {};

vi.mock('../../../lib/gallery/storage/memory.ts', async (importOriginal) => {
  const original = await importOriginal<{ memoryStore: typeof memoryStore }>();
  return {
    memoryStore: () => {
      shared ??= { ...original.memoryStore(), close: () => {} };
      const store = shared;
      const revision = async () => {
        await beforeRevision();
        return store.revision();
      };
      return { ...store, revision };
    },
  };
});

beforeEach(fastPassphrases);
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  shared = undefined;
  beforeRevision = async () => {};
});

const facenet = { rule };
const open = (options: Partial<GalleryOptions> = {}) =>
  Gallery.open({ name: 'x', storage: 'memory', facenet, ...options });
const templateKey = (value: number) => new Uint8Array(32).fill(value);
const synthetic = new Synthetic();

/** Creates a gallery with a person, and opens it locked. */
async function openLocked(options: Partial<GalleryOptions> = {}): Promise<Gallery> {
  await using gallery = await open({ ...options, passphrase: 'one' });
  await gallery.enrol({ name: 'Ada' }, { embedding: synthetic.person(), model: rule.model });
  return open({ ...options, lockAfter: 60_000 });
}

/** Aborts unlock() when it has the key and reads the records. */
async function abortUnlock(gallery: Gallery): Promise<void> {
  const controller = new AbortController();
  beforeRevision = async () => controller.abort('aborted');
  expect(await errorCodeOf(gallery.unlock('one', { signal: controller.signal }))).toBe('aborted');
  beforeRevision = async () => {};
}

async function expectLocked(gallery: Gallery): Promise<void> {
  expect(gallery.locked).toBe(true);
  expect(await errorCodeOf(gallery.list())).toBe('gallery-locked');
}

test('unlock() that is aborted while the records are read leaves the gallery locked', async () => {
  const gallery = await openLocked();
  await abortUnlock(gallery);
  await expectLocked(gallery);
  await gallery.unlock('one');
  expect(await gallery.list()).toHaveLength(1);
});

test('unlock() of a gallery with a damaged record leaves it locked', async () => {
  const gallery = await openLocked();
  for (const { body } of (await (shared as Store).read()).people) body.data[0] = 255 ^ (body.data[0] as number);
  expect(await errorCodeOf(gallery.unlock('one'))).toBe('gallery-corrupt');
  await expectLocked(gallery);
});

test('unlock() of a gallery that another tab has reissued leaves it locked', async () => {
  const gallery = await openLocked({ templateKey: templateKey(1) });
  await using other = await open({ passphrase: 'one', templateKey: templateKey(1) });
  await other.reissue(templateKey(2));
  expect(await errorCodeOf(gallery.unlock('one'))).toBe('key-wrong');
  expect(gallery.locked).toBe(true);
});

test('unlock() that fails leaves a gallery locked which another tab has protected', async () => {
  const gallery = await open();
  await using other = await open();
  await other.protect('one');
  await abortUnlock(gallery);
  await expectLocked(gallery);
});

test('unlock() that fails leaves a gallery unlocked which was unlocked before, until it is idle', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const gallery = await openLocked();
  await gallery.unlock('one');
  await abortUnlock(gallery);
  expect(gallery.locked).toBe(false);
  vi.setSystemTime(Date.now() + 61_000);
  await expectLocked(gallery);
});

test.each([
  { aborted: [0], locked: false },
  { aborted: [1], locked: false },
  { aborted: [0, 1], locked: true },
  { aborted: [1, 0], locked: true },
])('of two calls of unlock(), those aborted are $aborted: locked is $locked', async ({ aborted, locked }) => {
  const gallery = await openLocked();
  const controllers = [new AbortController(), new AbortController()];
  let proceed = () => {};
  const continued = new Promise<void>((resolve) => {
    proceed = resolve;
  });
  const reading = vi.fn(() => continued);
  beforeRevision = reading;
  const calls = controllers.map(({ signal }) => errorCodeOf(gallery.unlock('one', { signal })));
  await vi.waitFor(() => expect(reading).toHaveBeenCalledTimes(controllers.length));
  for (const index of aborted) {
    controllers[index]?.abort('aborted');
    await calls[index];
  }
  proceed();
  expect(await Promise.all(calls)).toEqual(calls.map((_, index) => (aborted.includes(index) ? 'aborted' : 'no error')));
  expect(gallery.locked).toBe(locked);
});
