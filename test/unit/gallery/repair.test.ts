import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FaceNetError } from '../../../lib/core/errors.ts';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import type { GalleryOptions } from '../../../lib/gallery/options.ts';
import { isRemoval } from '../../../lib/gallery/storage/full-disk.ts';
import type { memoryStore } from '../../../lib/gallery/storage/memory.ts';
import type { Snapshot, Store } from '../../../lib/gallery/storage/store.ts';
import { mergedLog } from '../../../lib/gallery/storage/transactions.ts';
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
  vi.useRealTimers();
  kept = undefined;
});

const facenet = { rule };
const open = (options: Partial<GalleryOptions>) => Gallery.open({ name: 'x', storage: 'memory', facenet, ...options });

/** What the errors about damaged records of a gallery advise: erasing it would lose the rest. */
const advice = '{ repair: true }';

/** The entries of the log about damaged records. */
const damageEntries = async (gallery: Gallery) =>
  (await gallery.log()).flatMap((entry) => ('damaged' in entry ? [[entry.event, entry.damaged]] : []));

describe.each([{}, { passphrase: 'one' }])('a gallery with %o', (options) => {
  /** Three people with a template and a crop each. */
  async function galleryOfThree({ log = false } = {}) {
    const synthetic = new Synthetic();
    const gallery = await open({ ...options, log });
    const faces = [];
    for (const name of ['Ada', 'Bob', 'Cleo']) {
      const face = { embedding: synthetic.person(), model: rule.model };
      await gallery.enrol({ name }, face, { crop: new Blob([`the pixels of ${name}`], { type: 'image/png' }) });
      faces.push(face);
    }
    const people = await gallery.list();
    await gallery.close();
    return { faces, people: people.map(({ id, faces: templates }) => ({ id, template: templates[0]?.id as string })) };
  }

  /** Damages the stored bytes of a record in place. */
  async function damage(kind: 'people' | 'templates' | 'crop', id: string) {
    const snapshot = await (kept as Store).read();
    const row = kind === 'crop' ? await (kept as Store).crop(id) : snapshot[kind].find((row) => row.id === id);
    if (!row) throw new Error('There is no such record.');
    // A crop's first byte is the length of its type, below 128. In an encrypted record it is random.
    row.body.data[0] = 255 ^ (row.body.data[0] as number);
  }

  test('is opened without its damaged records, exported and protected', async () => {
    const { faces, people } = await galleryOfThree();
    const [ada, bob, cleo] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0]];
    await damage('people', ada.id);
    await damage('crop', bob.template);
    expect(await errorCodeOf(open(options))).toBe('gallery-corrupt');
    const gallery = await open({ ...options, repair: true });
    const damaged = await gallery.damaged();
    expect(new Set(damaged.map(({ kind, id, person }) => `${kind} ${id} ${person}`))).toEqual(
      new Set([
        `person ${ada.id} ${ada.id}`,
        // Without the person nobody could remove them.
        `face ${ada.template} ${ada.id}`,
        `crop ${ada.template} ${ada.id}`,
        `crop ${bob.template} ${bob.id}`,
      ]),
    );
    expect((await gallery.list()).map(({ name, faces: templates }) => [name, templates[0]?.hasCrop])).toEqual([
      ['Bob', false],
      ['Cleo', true],
    ]);
    expect((await gallery.identify(faces[2] as (typeof faces)[0])).match?.person.id).toBe(cleo.id);
    await using copy = await Gallery.open({ name: 'copy', storage: 'memory', facenet });
    void copy;
    expect((await gallery.export({ plain: true })).size).toBeGreaterThan(500);
    await gallery.close();
    // The repair is stored.
    const again = await open(options);
    expect(await again.list()).toHaveLength(2);
    expect(await again.damaged()).toHaveLength(4);
    if ('passphrase' in options) await again.rekey('two');
    else await again.protect('two');
    expect(await again.damaged()).toEqual([]);
    await again.close();
    expect(await (await open({ passphrase: 'two' })).list()).toHaveLength(2);
  });

  test.each(['people', 'templates', 'crop'] as const)('advises a repair for damage of %s', async (kind) => {
    const { people } = await galleryOfThree();
    const [{ id, template }] = people as [(typeof people)[0]];
    await damage(kind, kind === 'people' ? id : template);
    const read = async () => (await open(options)).crop(template);
    await expect(read()).rejects.toMatchObject({ code: 'gallery-corrupt', message: expect.stringContaining(advice) });
  });

  test('reports that records are missing, and accepts that after the repair', async () => {
    const { people } = await galleryOfThree();
    const store = kept as Store;
    const before = await store.read();
    const lost = people[1]?.id;
    store.read = async () => ({ ...before, people: before.people.filter(({ id }) => id !== lost) });
    expect(await errorCodeOf(open(options))).toBe('gallery-corrupt');
    const gallery = await open({ ...options, repair: true });
    expect((await gallery.damaged()).map(({ kind }) => kind)).toEqual(['gallery', 'face', 'crop']);
    expect(await gallery.list()).toHaveLength(2);
  });

  test('lists and logs enrolled faces that an earlier release set aside as such', async () => {
    const gallery = await open({ ...options, log: true, repair: true });
    const store = kept as Store;
    store.damaged = async () => [
      { key: 'template 1', kind: 'template' as 'face', id: '1', person: '2', row: undefined },
    ];
    const face = { kind: 'face', id: '1', person: '2' };
    expect(await gallery.damaged()).toEqual([face]);
    await gallery.discardDamaged();
    expect(await damageEntries(gallery)).toEqual([['discarded', [face]]]);
  });

  test('deletes the damaged records of a person who is removed, and the others on request', async () => {
    const { people } = await galleryOfThree();
    for (const { template } of people.slice(0, 2)) await damage('crop', template);
    const gallery = await open({ ...options, repair: true });
    const [ada, bob] = people;
    await gallery.remove(ada?.id as string);
    expect(await gallery.damaged()).toEqual([{ kind: 'crop', id: bob?.template, person: bob?.id }]);
    await gallery.discardDamaged();
    expect(await gallery.damaged()).toEqual([]);
    expect(await (kept as Store).damaged()).toEqual([]);
  });

  test('logs which damaged records were set aside, and which were deleted with a person or on request', async () => {
    const { people } = await galleryOfThree({ log: true });
    for (const { template } of people.slice(0, 2)) await damage('crop', template);
    const gallery = await open({ ...options, repair: true });
    const [ada, bob] = people.map(({ id, template }) => ({ kind: 'crop', id: template, person: id }));
    expect(await damageEntries(gallery)).toEqual([['set-aside', [ada, bob]]]);
    await gallery.remove(people[0]?.id as string);
    await gallery.discardDamaged();
    await gallery.discardDamaged();
    expect(await damageEntries(gallery)).toEqual([
      ['set-aside', [ada, bob]],
      ['discarded', [ada]],
      ['discarded', [bob]],
    ]);
    const text = await (await gallery.exportLog()).text();
    expect(text).not.toMatch(/"Ada"|"Bob"|"Cleo"|pixels/);
  });

  test('logs which damaged records a change of the keys has deleted, and everything in a log that is broken too', async () => {
    const { people } = await galleryOfThree({ log: true });
    const template = people[2]?.template as string;
    await damage('crop', template);
    const store = kept as Store;
    const [first] = await store.logRows();
    first?.body.data.fill(0);
    const gallery = await open({ ...options, repair: true });
    if ('passphrase' in options) await gallery.rekey('two');
    else await gallery.protect('two');
    const cleo = { kind: 'crop', id: template, person: people[2]?.id };
    const change = 'passphrase' in options ? 'rekeyed' : 'protected';
    expect(await gallery.log()).toMatchObject([
      { event: 'log-started', replaces: 'broken' },
      { event: 'set-aside', damaged: [cleo] },
      { event: 'changed', change },
      { event: 'discarded', damaged: [cleo] },
    ]);
  });

  test('opens if the disk is full, also for a repair and with another calibration', async () => {
    const { people } = await galleryOfThree();
    await damage('crop', people[0]?.template as string);
    (kept as Store).commit = async () => {
      throw new FaceNetError('storage-full', 'The disk is full.');
    };
    const calibration = { ...rule.calibration, logOdds: [27, -63] as [number, number] };
    const gallery = await Gallery.open({
      ...{ name: 'x', storage: 'memory', facenet: { rule: { ...rule, calibration } }, repair: true },
      ...options,
    } as Parameters<typeof Gallery.open>[0]);
    expect(await gallery.list()).toHaveLength(3);
    expect(await gallery.damaged()).toHaveLength(1);
  });
});

test('opens with a broken log for a repair if the disk is full, and restarts the log once there is space', async () => {
  const gallery = await open({ log: true });
  await gallery.enrol({ name: 'Ada' }, { embedding: new Synthetic().person(), model: rule.model });
  await gallery.close();
  const store = kept as unknown as Store;
  (await store.logRows()).at(0)?.body.data.fill(255);
  const { commit } = store;
  store.commit = async () => {
    throw new FaceNetError('storage-full', 'The disk is full.');
  };
  const full = await open({ repair: true });
  expect((await full.list()).map(({ name }) => name)).toEqual(['Ada']);
  expect(await errorCodeOf(full.log())).toBe('gallery-corrupt');
  await full.close();
  store.commit = commit;
  const repaired = await open({ repair: true });
  expect(await repaired.log()).toMatchObject([{ event: 'log-started', replaces: 'broken' }]);
});

describe('a gallery with a broken log, opened for a repair on a full disk,', () => {
  const refuse = (code: 'storage-full' | 'storage-unavailable') => async () => {
    throw new FaceNetError(code, 'The disk is full.');
  };

  /** Two people, of whom Ada is to be removed in a day, and a log with a damaged head. */
  async function storeOfTwo(options: { passphrase?: string }): Promise<Store> {
    const gallery = await open({ ...options, log: true });
    const synthetic = new Synthetic();
    for (const name of ['Ada', 'Bob']) {
      const expiresAt = name === 'Ada' ? { expiresAt: new Date(Date.now() + 86_400_000) } : {};
      await gallery.enrol({ name }, { embedding: synthetic.person(), model: rule.model }, expiresAt);
    }
    await gallery.close();
    const store = kept as unknown as Store;
    (await store.logHead())?.body.data.fill(255);
    return store;
  }

  const afterADay = () => vi.setSystemTime(Date.now() + 2 * 86_400_000);

  test.each([{}, { passphrase: 'one' }])('removes a person whose time has passed, with %o', async (options) => {
    const store = await storeOfTwo(options);
    const { commit } = store;
    store.commit = (expected, change, given) =>
      isRemoval(change) ? commit(expected, change, given) : refuse('storage-full')();
    afterADay();
    const gallery = await open({ ...options, repair: true });
    expect((await gallery.list()).map(({ name }) => name)).toEqual(['Bob']);
    expect(await gallery.log()).toMatchObject([
      { number: 1, event: 'log-started', replaces: 'broken' },
      { number: 2, event: 'erased', reason: 'expired' },
    ]);
  });

  test.each(['storage-full', 'storage-unavailable'] as const)(
    'opens if nothing can be written (%s), and shows nobody whose time has passed',
    async (code) => {
      const store = await storeOfTwo({});
      const { commit } = store;
      store.commit = refuse(code);
      afterADay();
      const gallery = await open({ repair: true });
      expect(await errorCodeOf(gallery.list())).toBe(code);
      store.commit = commit;
      expect((await gallery.list()).map(({ name }) => name)).toEqual(['Bob']);
      expect((await gallery.log()).map(({ event }) => event)).toEqual(['log-started', 'erased']);
    },
  );

  test('starts the log anew with the first change that can be written, and not again after another tab has', async () => {
    const store = await storeOfTwo({});
    const { commit } = store;
    store.commit = refuse('storage-full');
    const [gallery, other] = [await open({ repair: true }), await open({ repair: true })];
    const face = { embedding: new Synthetic(2).person(), model: rule.model };
    expect(await errorCodeOf(gallery.identify(face))).toBe('storage-full');
    store.commit = commit;
    const people = await other.list();
    await other.rename(people[1]?.id as string, 'Bob L.');
    await gallery.identify(face);
    await gallery.identify(face);
    expect((await gallery.log()).map(({ event }) => event)).toEqual([
      'log-started',
      'changed',
      'identified',
      'identified',
    ]);
  });

  test('starts the log anew whatever its head states', async () => {
    const store = await storeOfTwo({});
    Object.assign((await store.logHead()) as object, { count: Number.NaN });
    const gallery = await open({ repair: true });
    expect((await gallery.log()).map(({ event }) => event)).toEqual(['log-started']);
  });

  test('keeps no earlier entry when the database is replaced', () => {
    const row = (count: number) => ({ count, body: { iv: new Uint8Array(), data: Uint8Array.of(count) } });
    const log = { expected: 3, clears: true, rows: [row(1)], head: row(1) };
    const merged = mergedLog([row(1), row(2), row(3)], row(3), { meta: { rule }, log });
    expect(merged?.rows).toHaveLength(1);
  });
});

test('a plain gallery whose own record is lost is repaired with a FaceNet, an encrypted one is not', async () => {
  for (const options of [{}, { log: true }, { passphrase: 'one' }]) {
    kept = undefined;
    const gallery = await open(options);
    await gallery.enrol({ name: 'Ada' }, { embedding: new Synthetic().person(), model: rule.model });
    await gallery.close();
    const store = kept as unknown as Store;
    const { read } = store;
    store.read = async (): Promise<Snapshot> => ({ ...(await read()), meta: { revision: 2 } as never });
    await expect(open(options)).rejects.toMatchObject({
      ...{ code: 'gallery-corrupt', message: expect.stringContaining('{ facenet, repair: true }') },
    });
    const { commit } = store;
    store.commit = (expected, change) => {
      store.read = read;
      return commit(expected, change);
    };
    const repaired = open({ ...options, repair: true });
    if ('passphrase' in options) expect(await errorCodeOf(repaired)).toBe('gallery-corrupt');
    else {
      expect((await (await repaired).list()).map(({ name }) => name)).toEqual(['Ada']);
      const logged = 'log' in options ? [['set-aside', [{ kind: 'gallery', id: 'gallery' }]]] : [];
      expect(await damageEntries(await repaired)).toEqual(logged);
    }
  }
});

describe('an encrypted gallery whose own record is damaged outside the vault', () => {
  const options = { passphrase: 'one', log: true };
  const damages: [string, object][] = [
    ['rule', { rule: { ...rule, dimension: 'many' } }],
    ['digest', { digest: 'none' }],
    ['revision', { revision: Number.NaN }],
    ['log', { log: 'yes' }],
    ['rotation', { rotation: 1 }],
    ['unseenFrom', { unseenFrom: '2026' }],
  ];

  /** Ada, and a damaged record. */
  async function damagedStore(damage: object, given: Partial<GalleryOptions> = {}): Promise<Store> {
    const gallery = await open({ ...options, ...given });
    await gallery.enrol({ name: 'Ada' }, { embedding: new Synthetic().person(), model: rule.model });
    await gallery.close();
    const store = kept as unknown as Store;
    Object.assign((await store.read()).meta as object, damage);
    return store;
  }

  const names = async (gallery: Gallery) => (await gallery.list()).map(({ name }) => name);

  test.each(damages)('is repaired, and reported: %s', async (field, damage) => {
    await damagedStore(damage);
    const message = await open(options).catch((error: Error) => error.message);
    expect(message).toContain(`(at ${field}`);
    expect(message).toContain('{ facenet, repair: true }');
    expect(message).not.toContain('key is lost');
    expect(await errorCodeOf(open({ passphrase: 'two', repair: true }))).toBe('key-wrong');
    const repaired = await open({ ...options, repair: true });
    expect(await names(repaired)).toEqual(['Ada']);
    expect(await repaired.damaged()).toEqual([{ kind: 'gallery', id: 'gallery' }]);
    await repaired.close();
    const later = await open(options);
    expect(await names(later)).toEqual(['Ada']);
    expect(await damageEntries(later)).toEqual([['set-aside', [{ kind: 'gallery', id: 'gallery' }]]]);
  });

  test('is repaired when it is unlocked, also on a full disk', async () => {
    const store = await damagedStore({ rule: undefined });
    const { commit } = store;
    store.commit = async () => {
      throw new FaceNetError('storage-full', 'The disk is full.');
    };
    const gallery = await open({ repair: true });
    expect(gallery.locked).toBe(true);
    for (let i = 0; i < 2; i++) {
      await gallery.unlock('one');
      expect(await names(gallery)).toEqual(['Ada']);
      await gallery.lock();
    }
    await gallery.unlock('one');
    store.commit = commit;
    await gallery.rename((await gallery.list())[0]?.id as string, 'Ada L.');
    expect(await names(await open(options))).toEqual(['Ada L.']);
  });

  test('keeps its template key', async () => {
    const templateKey = new Uint8Array(32).fill(7);
    await damagedStore({ rule: undefined }, { templateKey });
    const repair = true;
    expect(await errorCodeOf(open({ ...options, repair }))).toBe('key-wrong');
    expect(await errorCodeOf(open({ ...options, repair, templateKey: new Uint8Array(32) }))).toBe('key-wrong');
    expect(await names(await open({ ...options, repair, templateKey }))).toEqual(['Ada']);
  });

  test('is not repaired if the vault is damaged too', async () => {
    const store = await damagedStore({ rule: undefined });
    Object.assign((await store.read()).meta as object, { vault: { kdf: 'argon2id' } });
    await expect(open({ ...options, repair: true })).rejects.toMatchObject({
      ...{ code: 'gallery-corrupt', message: expect.stringContaining('key is lost') },
    });
  });
});

test('a plain gallery whose own record is damaged opens for a repair on a full disk, and is repaired by a later change', async () => {
  const gallery = await open({ log: true });
  const face = { embedding: new Synthetic().person(), model: rule.model };
  await gallery.enrol({ name: 'Ada' }, face);
  await gallery.close();
  const store = kept as unknown as Store;
  Object.assign((await store.read()).meta as object, { rule: undefined });
  const { commit } = store;
  store.commit = async () => {
    throw new FaceNetError('storage-full', 'The disk is full.');
  };
  const full = await open({ repair: true });
  expect((await full.list()).map(({ name }) => name)).toEqual(['Ada']);
  expect(await full.damaged()).toEqual([{ kind: 'gallery', id: 'gallery' }]);
  expect(await errorCodeOf(open({}))).toBe('gallery-corrupt');
  store.commit = commit;
  await full.rename((await full.list())[0]?.id as string, 'Ada L.');
  await full.close();
  const later = await open({});
  expect((await later.identify(face)).match?.person.name).toBe('Ada L.');
  expect(await damageEntries(later)).toEqual([['set-aside', [{ kind: 'gallery', id: 'gallery' }]]]);
});

test('a record that was dropped is in the log although a full disk keeps it from being set aside at the opening', async () => {
  const options = { passphrase: 'one', log: true };
  const gallery = await open(options);
  const synthetic = new Synthetic();
  for (const name of ['Ada', 'Bob'])
    await gallery.enrol({ name }, { embedding: synthetic.person(), model: rule.model });
  await gallery.close();
  const store = kept as unknown as Store;
  const { meta, people, templates } = await store.read();
  // Drops the first person and the enrolled face, and keeps the gallery's own record.
  const { revision = 0, ...own } = meta as { revision?: number } & NonNullable<Snapshot['meta']>;
  await store.commit(revision, {
    meta: own,
    removePeople: [people[0]?.id as string],
    removeTemplates: [templates[0]?.id as string],
  });
  Object.assign((await store.read()).meta as object, { revision });
  const { commit } = store;
  store.commit = async () => {
    throw new FaceNetError('storage-full', 'The disk is full.');
  };
  const full = await open({ ...options, repair: true });
  store.commit = commit;
  const [bob] = await full.list();
  await full.rename(bob?.id as string, 'Bob L.');
  expect(await damageEntries(full)).toEqual([['set-aside', [{ kind: 'gallery', id: 'gallery' }]]]);
  await full.rename(bob?.id as string, 'Bob M.');
  expect(await damageEntries(full)).toHaveLength(1);
  expect((await (await open(options)).list()).map(({ name }) => name)).toEqual(['Bob M.']);
});

test('a gallery opens with an enrolled face whose embedding has another number of elements than those of its model', async () => {
  const gallery = await open({});
  await gallery.enrol({ name: 'Ada' }, { embedding: new Synthetic().person(), model: rule.model });
  await gallery.close();
  const reopened = await open({ facenet: { rule: { ...rule, dimension: 64 } } });
  expect((await reopened.list()).map(({ name }) => name)).toEqual(['Ada']);
  expect(await reopened.models()).toMatchObject([{ model: rule.model, current: false, faces: 1 }]);
  const face = { embedding: new Synthetic().person(64), model: rule.model };
  expect(await errorCodeOf(reopened.identify(face))).toBe('model-mismatch');
});
