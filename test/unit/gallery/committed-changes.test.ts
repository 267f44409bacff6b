import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import type { GalleryOptions } from '../../../lib/gallery/options.ts';
import type { memoryStore } from '../../../lib/gallery/storage/memory.ts';
import type { Store, WriteOptions } from '../../../lib/gallery/storage/store.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { fastPassphrases } from '../../support/fast-passphrases.ts';
import { rule, Synthetic } from '../../support/synthetic.ts';

/** Runs when the next commit begins, and when its records are written but commit() has not returned yet. */
const hooks: { begun?: (() => void) | undefined; written?: (() => void) | undefined } = {};

/** Opens a gallery on the store of an earlier one, as another visit does. */
let kept: Store | undefined;

vi.mock('../../../lib/gallery/storage/memory.ts', async (importOriginal) => {
  const original = await importOriginal<{ memoryStore: typeof memoryStore }>();
  return {
    memoryStore: () => {
      const store = kept ?? original.memoryStore();
      kept = { ...store, close: () => {} };
      const hooked = async (write: () => Promise<boolean>) => {
        const written = await write();
        hooks.written?.();
        return written;
      };
      const begun = (options?: WriteOptions): WriteOptions => ({
        ...options,
        onCommit() {
          options?.onCommit();
          hooks.begun?.();
        },
      });
      return {
        ...kept,
        commit: (expected, change, options) => hooked(() => store.commit(expected, change, begun(options))),
        replace: (expected, change, options) => hooked(() => store.replace(expected, change, begun(options))),
      } satisfies Store;
    },
  };
});

beforeEach(fastPassphrases);
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  kept = undefined;
  hooks.begun = undefined;
  hooks.written = undefined;
});

const facenet = { rule };
const keys = [1, 2].map((value) => new Uint8Array(32).fill(value)) as [Uint8Array, Uint8Array];
const other = { ...rule, model: 'other' };
const passphrase = 'one';
const face = (embedding: Float32Array) => ({ embedding, model: rule.model });

interface Opened {
  gallery: Gallery;
  ada: Float32Array;
  id: string;
  bob: string;
  file: Blob;
}

async function openGallery(options: Partial<GalleryOptions>) {
  const synthetic = new Synthetic();
  const source = await Gallery.open({ name: 'source', storage: 'memory', facenet });
  await source.enrol({ name: 'Cleo' }, face(synthetic.person()));
  const file = await source.export();
  kept = undefined;
  const gallery = await Gallery.open({ name: 'x', storage: 'memory', facenet, ...options });
  const ada = synthetic.person();
  const ids = [];
  for (const [name, embedding] of [
    ['Ada', ada],
    ['Bob', synthetic.person()],
  ] as const) {
    const enrolment = await gallery.enrol({ name }, face(embedding));
    if (enrolment.enrolled) ids.push(enrolment.person.id);
  }
  const [id = '', bob = ''] = ids;
  return { gallery, ada, id, bob, file };
}

/** Every changing method, and whether its change is stored. */
const changes: {
  name: string;
  options: { passphrase?: string; templateKey?: Uint8Array };
  /** Makes something to change. It may open the gallery again. */
  prepare?: (opened: Opened) => Promise<void>;
  change: (opened: Opened, signal?: AbortSignal) => Promise<unknown>;
  stored: (gallery: Gallery, opened: Opened) => Promise<boolean>;
  /** The keys that open the gallery after the change. */
  after: { passphrase: string; templateKey?: Uint8Array };
}[] = [
  {
    name: 'enrol',
    options: { passphrase },
    change: ({ gallery, ada, id }, signal) => gallery.enrol({ id }, face(ada), { ...(signal && { signal }) }),
    stored: async (gallery) => (await gallery.list())[0]?.faces.length === 2,
    after: { passphrase },
  },
  {
    name: 'rename',
    options: { passphrase },
    change: ({ gallery, id }, signal) => gallery.rename(id, 'Ada L.', { ...(signal && { signal }) }),
    stored: async (gallery) => (await gallery.list())[0]?.name === 'Ada L.',
    after: { passphrase },
  },
  {
    name: 'retain',
    options: { passphrase },
    change: ({ gallery, id }, signal) =>
      gallery.retain(id, { expiresAt: new Date('2999-01-01'), ...(signal && { signal }) }),
    stored: async (gallery) => (await gallery.list())[0]?.expiresAt?.getFullYear() === 2999,
    after: { passphrase },
  },
  {
    name: 'remove',
    options: { passphrase },
    change: ({ gallery, bob }, signal) => gallery.remove(bob, undefined, { ...(signal && { signal }) }),
    stored: async (gallery) => (await gallery.list()).length === 1,
    after: { passphrase },
  },
  {
    name: 'merge',
    options: { passphrase },
    change: ({ gallery, id, bob }, signal) => gallery.merge(id, bob, { ...(signal && { signal }) }),
    stored: async (gallery) => (await gallery.list()).length === 1,
    after: { passphrase },
  },
  {
    name: 'import',
    options: { passphrase },
    change: ({ gallery, file }, signal) => gallery.import(file, { ...(signal && { signal }) }),
    stored: async (gallery) => (await gallery.list()).length === 3,
    after: { passphrase },
  },
  {
    name: 'protect',
    options: {},
    change: ({ gallery }, signal) => gallery.protect(passphrase, { ...(signal && { signal }) }),
    stored: async () => true, // The gallery opens with the passphrase.
    after: { passphrase },
  },
  {
    name: 'changePassphrase',
    options: { passphrase },
    change: ({ gallery }, signal) => gallery.changePassphrase(passphrase, 'two', { ...(signal && { signal }) }),
    stored: async () => true,
    after: { passphrase: 'two' },
  },
  {
    name: 'rekey',
    options: { passphrase },
    change: ({ gallery }, signal) => gallery.rekey('two', { ...(signal && { signal }) }),
    stored: async () => true,
    after: { passphrase: 'two' },
  },
  {
    name: 'reissue',
    options: { passphrase, templateKey: keys[0] },
    change: ({ gallery }, signal) => gallery.reissue(keys[1], { ...(signal && { signal }) }),
    stored: async () => true,
    after: { passphrase, templateKey: keys[1] },
  },
  {
    name: 'reembed',
    options: { passphrase },
    change: ({ gallery }, signal) =>
      gallery.reembed(
        { rule: other, embed: () => Promise.reject(new Error('The gallery has no crops.')) },
        { removeRest: true, ...(signal && { signal }) },
      ),
    stored: async (gallery) => (await gallery.list()).every(({ faces }) => faces.length === 0),
    after: { passphrase },
  },
  {
    name: 'expire',
    options: { passphrase },
    prepare: async ({ gallery, bob }) => {
      await gallery.retain(bob, { expiresAt: new Date(Date.now() + 86_400_000) });
      // Only the clock is changed, so that no timer expires the person earlier.
      vi.setSystemTime(Date.now() + 2 * 86_400_000);
    },
    change: ({ gallery }, signal) => gallery.expire({ ...(signal && { signal }) }),
    stored: async (gallery) => (await gallery.list()).length === 1,
    after: { passphrase },
  },
  {
    name: 'discardDamaged',
    options: { passphrase },
    prepare: async (opened) => {
      await opened.gallery.close();
      const { people } = await (kept as Store).read();
      people.find(({ id }) => id === opened.bob)?.body.data.fill(0);
      opened.gallery = await Gallery.open({ name: 'x', storage: 'memory', facenet, passphrase, repair: true });
      expect(await opened.gallery.damaged()).toHaveLength(2);
    },
    change: ({ gallery }, signal) => gallery.discardDamaged({ ...(signal && { signal }) }),
    stored: async (gallery) => (await gallery.damaged()).length === 0,
    after: { passphrase },
  },
];

/** A gallery in which a change can be made. */
async function openFor({ options, prepare }: (typeof changes)[number]): Promise<Opened> {
  const opened = await openGallery(options);
  await prepare?.(opened);
  return opened;
}

/** Checks the change in the open gallery and in one that is opened later. */
async function expectStored({ stored, after, name }: (typeof changes)[number], opened: Opened) {
  const { gallery, ada } = opened;
  if (gallery.locked) await gallery.unlock(after.passphrase);
  const reopened = await Gallery.open({ name: 'x', storage: 'memory', ...after });
  for (const each of [gallery, reopened]) {
    expect(await stored(each, opened)).toBe(true);
    if (name !== 'reembed') expect((await each.identify(ada)).match?.distance).toBeLessThan(1e-3);
  }
}

describe.each(changes)('$name', (each) => {
  test('succeeds if the gallery is locked during the commit', async () => {
    const opened = await openFor(each);
    hooks.written = () => void opened.gallery.lock();
    await each.change(opened);
    hooks.written = undefined;
    await expectStored(each, opened);
  });

  test('succeeds if it is aborted during the commit, and not if before', async () => {
    const opened = await openFor(each);
    const controller = new AbortController();
    hooks.begun = () => controller.abort();
    await each.change(opened, controller.signal);
    hooks.begun = undefined;
    await expectStored(each, opened);
    expect(await errorCodeOf(each.change(opened, controller.signal))).toBe(controller.signal.reason);
  });
});

test('lock() forgets the key at once, before it reads the store', async () => {
  const { gallery } = await openGallery({ passphrase });
  const locking = gallery.lock();
  expect(gallery.locked).toBe(true);
  await locking;
  await gallery.lock();
  kept = undefined;
  const { gallery: plain } = await openGallery({});
  expect(await errorCodeOf(plain.lock())).toBe('option-invalid');
});

test('unlock() does not undo a lock() that is called meanwhile', async () => {
  const { gallery } = await openGallery({ passphrase });
  await gallery.lock();
  const unlocking = errorCodeOf(gallery.unlock(passphrase));
  await gallery.lock();
  expect(await unlocking).toBe('gallery-locked');
  expect(gallery.locked).toBe(true);
  await gallery.unlock(passphrase);
  expect(gallery.locked).toBe(false);
});

test('a gallery that is locked while damaged records are set aside stays locked', async () => {
  const { gallery } = await openGallery({ passphrase });
  await gallery.close();
  const [template] = (await (kept as Store).read()).templates;
  template?.body.data.fill(0);
  const repaired = await Gallery.open({ name: 'x', storage: 'memory', facenet, repair: true });
  hooks.written = () => void repaired.lock();
  expect(await errorCodeOf(repaired.unlock(passphrase))).toBe('gallery-locked');
  expect(await errorCodeOf(repaired.list())).toBe('gallery-locked');
});

describe('an idle gallery', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('is locked after a sleep of the device, during which timers stop', async () => {
    let changes = 0;
    const onChange = () => void changes++;
    const { gallery } = await openGallery({ passphrase, lockAfter: 60_000, onChange });
    vi.setSystemTime(Date.now() + 59_000);
    vi.advanceTimersByTime(900);
    expect([gallery.locked, changes]).toEqual([false, 0]);
    vi.setSystemTime(Date.now() + 3_600_000);
    await vi.advanceTimersByTimeAsync(5000);
    // The page is told before it asks.
    expect([changes, gallery.locked]).toEqual([1, true]);
  });

  test('is locked in time if the clock is set back', async () => {
    const { gallery } = await openGallery({ passphrase, lockAfter: 60_000 });
    vi.setSystemTime(Date.now() - 3_600_000);
    vi.advanceTimersByTime(60_001);
    expect(gallery.locked).toBe(true);
  });

  test('is kept unlocked by calls, but not by those of watch()', async () => {
    const { gallery, ada } = await openGallery({ passphrase, lockAfter: 60_000 });
    for (let i = 0; i < 3; i++) {
      vi.advanceTimersByTime(50_000);
      expect((await gallery.identify(ada)).match).toBeDefined();
    }
    vi.advanceTimersByTime(50_000);
    await gallery.identify(ada, { background: true });
    vi.advanceTimersByTime(20_000);
    expect(await errorCodeOf(gallery.identify(ada, { background: true }))).toBe('gallery-locked');
  });

  test('is not kept unlocked by a page that shows the changes of another tab', async () => {
    const { gallery } = await openGallery({ passphrase, lockAfter: 60_000 });
    const [face] = (await gallery.list())[0]?.faces ?? [];
    vi.advanceTimersByTime(50_000);
    const background = true;
    await gallery.list({ background });
    await gallery.models({ background });
    await gallery.crop(face?.id as string, { background });
    vi.advanceTimersByTime(20_000);
    expect(await errorCodeOf(gallery.list({ background }))).toBe('gallery-locked');
  });

  test('is locked after the change that protects it', async () => {
    const { gallery } = await openGallery({ lockAfter: 60_000 });
    await gallery.protect(passphrase);
    vi.advanceTimersByTime(59_000);
    expect(gallery.locked).toBe(false);
    vi.advanceTimersByTime(1001);
    expect(gallery.locked).toBe(true);
  });
});

test('lock() drops the rotations of the template key', async () => {
  const { gallery, ada } = await openGallery({ passphrase, templateKey: keys[0] });
  const deriveKey = vi.spyOn(crypto.subtle, 'deriveKey');
  await gallery.identify(ada);
  expect(deriveKey).not.toHaveBeenCalled();
  await gallery.lock();
  await gallery.unlock(passphrase);
  expect((await gallery.identify(ada)).match).toBeDefined();
  expect(deriveKey).toHaveBeenCalledOnce();
});

test('an idle gallery is not locked while a change is under way', async () => {
  vi.useFakeTimers();
  try {
    const { gallery, id } = await openGallery({ passphrase, lockAfter: 1000 });
    hooks.begun = () => vi.advanceTimersByTime(5000);
    await gallery.rename(id, 'Ada L.');
    expect(gallery.locked).toBe(false);
    vi.advanceTimersByTime(5000);
    expect(gallery.locked).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

describe('a file that takes longer than lockAfter', () => {
  beforeEach(() => void vi.useFakeTimers());

  /** Runs something before each encryption, which the writing of an encrypted export begins with. */
  function beforeEncryption(run: () => void): void {
    const encrypt = crypto.subtle.encrypt.bind(crypto.subtle);
    vi.spyOn(crypto.subtle, 'encrypt').mockImplementation((...options) => {
      run();
      return encrypt(...options);
    });
  }

  test.each([false, true])('is exported, with the log %s', async (log) => {
    const { gallery, id } = await openGallery({ passphrase, lockAfter: 1000, log });
    beforeEncryption(() => void vi.advanceTimersByTime(5000));
    for (const file of [await gallery.export({ passphrase }), await gallery.exportPerson(id, { passphrase })]) {
      expect(file.size).toBeGreaterThan(0);
    }
    expect(gallery.locked).toBe(false);
    vi.advanceTimersByTime(5000);
    expect(gallery.locked).toBe(true);
  });

  test('is imported', async () => {
    const { gallery, file } = await openGallery({ passphrase, lockAfter: 1000 });
    const { slice } = file;
    file.slice = function slow(...range) {
      vi.advanceTimersByTime(5000);
      return slice.apply(this, range);
    };
    expect((await gallery.import(file)).people).toBe(1);
    vi.advanceTimersByTime(5000);
    expect(gallery.locked).toBe(true);
  });

  test('is exported if the gallery is locked meanwhile and has no log', async () => {
    const { gallery } = await openGallery({ passphrase });
    beforeEncryption(() => void gallery.lock());
    expect((await gallery.export({ passphrase })).size).toBeGreaterThan(0);
    expect(gallery.locked).toBe(true);
  });
});
