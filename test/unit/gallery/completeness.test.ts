import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import type { memoryStore } from '../../../lib/gallery/storage/memory.ts';
import type { Change, Snapshot, Store } from '../../../lib/gallery/storage/store.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { fastPassphrases } from '../../support/fast-passphrases.ts';
import { rule, Synthetic } from '../../support/synthetic.ts';

/** The store of the gallery, as another visit finds it. */
let kept: Store | undefined;

vi.mock('../../../lib/gallery/storage/memory.ts', async (importOriginal) => {
  const original = await importOriginal<{ memoryStore: typeof memoryStore }>();
  return {
    memoryStore: () => {
      kept ??= { ...original.memoryStore(), close: () => {} };
      return kept;
    },
  };
});

beforeEach(fastPassphrases);
afterEach(() => {
  vi.restoreAllMocks();
  kept = undefined;
});

const facenet = { rule };
const open = (options: { passphrase?: string }) => Gallery.open({ name: 'x', storage: 'memory', facenet, ...options });

/** Changes the stored rows, as somebody who can write to the browser's profile does. */
async function tamper(change: (before: Snapshot) => Partial<Change>): Promise<void> {
  const store = kept as Store;
  const snapshot = await store.read();
  const { revision = 0, ...meta } = snapshot.meta ?? {};
  await store.commit(revision, { meta: { ...meta, rule }, ...change(snapshot) });
  const { commit, read } = store;
  // commit() counts the revision up: put it back.
  store.read = async () => {
    const { meta: after, ...rest } = await read();
    return { ...rest, meta: after && { ...after, revision } };
  };
  store.revision = async () => revision;
  store.commit = commit;
}

describe('an encrypted gallery that somebody replaces by one without encryption', () => {
  const planted = { embedding: new Synthetic(7).person(), model: rule.model };

  /** Replaces the store by that of a plain gallery, as somebody who can write to the browser's profile does. */
  async function replace(): Promise<void> {
    const encrypted = kept as Store;
    kept = undefined;
    await (await open({})).enrol({ name: 'Mallory' }, planted);
    Object.assign(encrypted, kept);
    kept = encrypted;
  }

  test('is damaged for a tab that has it unlocked, and gets no record of that tab', async () => {
    const gallery = await open({ passphrase: 'one' });
    await gallery.enrol({ name: 'Ada' }, { embedding: new Synthetic().person(), model: rule.model });
    await gallery.rename((await gallery.list())[0]?.id as string, 'Ada L.');
    await replace();
    const before = await (kept as Store).read();
    expect(await errorCodeOf(gallery.list())).toBe('gallery-corrupt');
    expect(await errorCodeOf(gallery.identify(planted))).toBe('gallery-corrupt');
    expect(await errorCodeOf(gallery.enrol({ name: 'Bob' }, planted))).toBe('gallery-corrupt');
    expect(await (kept as Store).read()).toEqual(before);
  });

  test('is damaged too without any people, and without a digest', async () => {
    const gallery = await open({ passphrase: 'one' });
    const store = kept as Store;
    const { revision = 0, vault: _, digest: __, ...plain } = (await store.read()).meta as NonNullable<Snapshot['meta']>;
    await store.commit(revision, { meta: plain });
    expect(await errorCodeOf(gallery.list())).toBe('gallery-corrupt');
    expect(await errorCodeOf(gallery.enrol({ name: 'Bob' }, planted))).toBe('gallery-corrupt');
  });

  test('is refused by open() with the passphrase, and by unlock()', async () => {
    await open({ passphrase: 'one' });
    await replace();
    expect(await errorCodeOf(open({ passphrase: 'one' }))).toBe('option-invalid');
    expect(await errorCodeOf((await open({})).unlock('one'))).toBe('option-invalid');
  });
});

describe.each([{}, { passphrase: 'one' }])('a gallery with %o', (options) => {
  /** Two people, and the stored rows before the second was renamed. */
  async function galleryOfTwo() {
    const synthetic = new Synthetic();
    const gallery = await open(options);
    for (const name of ['Ada', 'Bob']) {
      await gallery.enrol({ name }, { embedding: synthetic.person(), model: rule.model });
    }
    const before = await (kept as Store).read();
    await gallery.rename((await gallery.list())[1]?.id as string, 'Robert');
    await gallery.close();
    return before;
  }

  test('opens again with every record', async () => {
    await galleryOfTwo();
    expect((await (await open(options)).list()).map(({ name }) => name)).toEqual(['Ada', 'Robert']);
  });

  test('notices records that were dropped, and a digest that was removed', async () => {
    await galleryOfTwo();
    await tamper(({ people, templates }) => ({
      removePeople: [people[0]?.id as string],
      removeTemplates: templates.filter(({ person }) => person === people[0]?.id).map(({ id }) => id),
    }));
    expect(await errorCodeOf(open(options))).toBe('gallery-corrupt');
    await tamper(() => ({}));
    const { read } = kept as Store;
    (kept as Store).read = async () => {
      const { meta, ...rest } = await read();
      const { digest: _, ...without } = meta as NonNullable<Snapshot['meta']>;
      return { ...rest, meta: without };
    };
    // Without a passphrase a gallery without a digest can be one of an earlier release.
    expect(await errorCodeOf(open(options))).toBe('passphrase' in options ? 'gallery-corrupt' : 'no error');
  });
});

test.each([{}, { removeUnseenAfter: 86_400_000 }])(
  'the digest is that of the documented format, with %o',
  async (given) => {
    const gallery = await Gallery.open({ name: 'x', storage: 'memory', facenet, ...given });
    const face = { embedding: new Synthetic().person(), model: rule.model };
    await gallery.enrol({ name: 'Ada' }, face, { crop: new Blob(['pixels'], { type: 'image/png' }) });
    const { meta, people, templates } = await (kept as Store).read();
    const unseenFrom = 'removeUnseenAfter' in given ? meta?.unseenFrom : null;
    const [person, template] = [people[0]?.id, templates[0]?.id];
    const lines = [`crop ${template} `, `person ${person} `, `template ${template} ${person} `];
    const text = [JSON.stringify([meta?.revision, rule, null, null, null, unseenFrom, meta?.id]), ...lines].join('\n');
    expect(Buffer.from(meta?.digest?.data ?? []).toString('hex')).toBe(createHash('sha256').update(text).digest('hex'));
    expect(meta?.id).toMatch(/^[0-9a-f-]{36}$/);
    if ('removeUnseenAfter' in given) expect(meta?.unseenFrom).toBeTypeOf('number');
  },
);

test('an encrypted gallery notices an earlier version of a record, of the rule and of the vault', async () => {
  const options = { passphrase: 'one' };
  const synthetic = new Synthetic();
  const gallery = await open(options);
  await gallery.enrol({ name: 'Ada' }, { embedding: synthetic.person(), model: rule.model });
  const before = await (kept as Store).read();
  await gallery.rename((await gallery.list())[0]?.id as string, 'Eve');
  await gallery.changePassphrase('one', 'two');
  const after = await (kept as Store).read();
  await gallery.close();
  const store = kept as Store;
  const codeOfOpening = async (snapshot: Snapshot, passphrase: string) => {
    kept = { ...store, read: async () => snapshot };
    // Without a FaceNet, whose rule would be stored.
    return errorCodeOf(Gallery.open({ name: 'x', storage: 'memory', passphrase }));
  };
  expect(await codeOfOpening(after, 'two')).toBe('no error');
  expect(await codeOfOpening({ ...after, people: before.people }, 'two')).toBe('gallery-corrupt');
  const [old, meta] = [before.meta, after.meta] as [NonNullable<Snapshot['meta']>, NonNullable<Snapshot['meta']>];
  expect(await codeOfOpening({ ...after, meta: { ...meta, vault: old.vault as never } }, 'one')).toBe(
    'gallery-corrupt',
  );
  const looser = {
    ...meta.rule.calibration,
    thresholds: [
      { far: 0.1, distance: 2 },
      { far: 1e-5, distance: 1 },
    ],
  };
  const changed = { ...meta.rule, calibration: looser };
  expect(await codeOfOpening({ ...after, meta: { ...meta, rule: changed } }, 'two')).toBe('gallery-corrupt');
  expect(await codeOfOpening({ ...after, meta: old }, 'one')).toBe('gallery-corrupt');
});
