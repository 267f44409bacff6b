import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import type { GalleryOptions } from '../../../lib/gallery/options.ts';
import type { memoryStore } from '../../../lib/gallery/storage/memory.ts';
import type { Store, WriteOptions } from '../../../lib/gallery/storage/store.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { fastPassphrases } from '../../support/fast-passphrases.ts';
import { rule, Synthetic } from '../../support/synthetic.ts';

/** Whether another tab, which is suspended, keeps this one from writing. */
let isHeld = false;
/** Called when a call begins to wait for that tab. */
let onWait = () => {};
/** Called when a change begins to be written. */
let onWriting = () => {};

vi.mock('../../../lib/gallery/storage/memory.ts', async (importOriginal) => {
  const original = await importOriginal<{ memoryStore: typeof memoryStore }>();
  /** Writes after a wait for the other tab, as with a Web Lock: only an abort ends it. */
  const waiting = async (write: (options: WriteOptions) => Promise<boolean>, options?: WriteOptions) => {
    if (isHeld) {
      await new Promise((_, reject) => {
        options?.signal?.addEventListener('abort', () => reject(options.signal?.reason));
        onWait();
      });
    }
    const onCommit = () => {
      options?.onCommit();
      onWriting();
    };
    return write({ ...options, onCommit });
  };
  return {
    memoryStore: (): Store => {
      const store = original.memoryStore();
      return {
        ...store,
        commit: (revision, change, options) => waiting((given) => store.commit(revision, change, given), options),
        appendLog: (revision, log, options) => waiting((given) => store.appendLog(revision, log, given), options),
      };
    },
  };
});

beforeEach(() => {
  fastPassphrases();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  isHeld = false;
  onWait = () => {};
  onWriting = () => {};
});

const day = 86_400_000;
const lockAfter = 60_000;
const face = { embedding: new Synthetic().person(), model: rule.model };

/** A gallery with a person who was last seen long ago, so that the next recognition is a change. */
async function openGallery(options: Partial<GalleryOptions>) {
  const given = { name: 'x', storage: 'memory', facenet: { rule }, passphrase: 'one', lockAfter } as const;
  const gallery = await Gallery.open({ ...given, ...options });
  const expiresAt = new Date(Date.now() + 2 * day);
  const enrolment = await gallery.enrol({ name: 'Ada' }, face, { expiresAt });
  vi.setSystemTime(Date.now() + day);
  expect(gallery.locked).toBe(true);
  await gallery.unlock('one');
  return { gallery, id: enrolment.enrolled ? enrolment.person.id : '' };
}

/** Calls, and waits until the call waits for the other tab. */
async function callWhileHeld(call: () => unknown): Promise<void> {
  isHeld = true;
  const isWaiting = new Promise<void>((resolve) => {
    onWait = resolve;
  });
  call();
  await isWaiting;
}

const ways = {
  'idle lock': () => void vi.advanceTimersByTime(lockAfter + 1),
  'lock()': (gallery: Gallery) => void gallery.lock(),
};

for (const [how, lock] of Object.entries(ways)) {
  test.each([
    ['the time at which watch() saw a person', { removeUnseenAfter: 30 * day }],
    ['an entry of the log', { log: true }],
  ])(`${how}: %s does not keep a gallery unlocked while it waits for a suspended tab`, async (_, options) => {
    const { gallery } = await openGallery(options);
    let ended = '' as unknown;
    await callWhileHeld(async () => {
      ended = await errorCodeOf(gallery.identify(face, { background: true }));
    });
    lock(gallery);
    expect(gallery.locked).toBe(true);
    await vi.waitFor(() => expect(ended).toBe('gallery-locked'));
    isHeld = false;
    await gallery.unlock('one');
    expect((await gallery.identify(face, { background: true })).match?.person.name).toBe('Ada');
  });
}

test('the removal of a person by the clock does not keep a gallery unlocked while it waits for a suspended tab', async () => {
  const { gallery, id } = await openGallery({});
  await gallery.retain(id, { expiresAt: new Date(Date.now() + 1000) });
  await callWhileHeld(() => vi.advanceTimersByTime(1000));
  vi.advanceTimersByTime(lockAfter + 1);
  expect(gallery.locked).toBe(true);
  isHeld = false;
  await gallery.unlock('one');
  expect(await gallery.list()).toEqual([]);
});

test('a call that waits for a suspended tab keeps the gallery unlocked', async () => {
  const { gallery, id } = await openGallery({});
  const abort = new AbortController();
  let ended = '' as unknown;
  await callWhileHeld(async () => {
    ended = await errorCodeOf(gallery.rename(id, 'Ada L.', { signal: abort.signal }));
  });
  vi.advanceTimersByTime(2 * lockAfter);
  expect(gallery.locked).toBe(false);
  abort.abort('aborted');
  await vi.waitFor(() => expect(ended).toBe('aborted'));
});

test('the time at which watch() saw a person is stored if the gallery is locked while it is written', async () => {
  const { gallery, id } = await openGallery({ removeUnseenAfter: 30 * day });
  onWriting = () => void vi.advanceTimersByTime(lockAfter + 1);
  expect((await gallery.identify(face, { background: true })).match?.person.id).toBe(id);
  onWriting = () => {};
  expect(gallery.locked).toBe(true);
  await gallery.unlock('one');
  expect((await gallery.list())[0]?.lastSeenAt).toBeDefined();
});

test('a call that waits for a suspended tab when the gallery is closed is disposed', async () => {
  const { gallery } = await openGallery({ log: true });
  let ended = '' as unknown;
  await callWhileHeld(async () => {
    ended = await errorCodeOf(gallery.identify(face, { background: true }));
  });
  await gallery.close();
  await vi.waitFor(() => expect(ended).toBe('disposed'));
});
