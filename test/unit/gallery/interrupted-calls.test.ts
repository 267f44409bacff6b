import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import type { GalleryOptions } from '../../../lib/gallery/options.ts';
import type { memoryStore } from '../../../lib/gallery/storage/memory.ts';
import type { Store } from '../../../lib/gallery/storage/store.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { fastPassphrases } from '../../support/fast-passphrases.ts';
import { rule, Synthetic } from '../../support/synthetic.ts';

/** The store that all tabs share. */
let shared: Store | undefined;
/** Whether galleries that are opened now are interrupted. */
let interrupts = false;
/** Runs before the call of the store with this number, counted from 0. */
const interruption = { at: Number.POSITIVE_INFINITY, count: 0, run: async () => {} };

vi.mock('../../../lib/gallery/storage/memory.ts', async (importOriginal) => {
  const original = await importOriginal<{ memoryStore: typeof memoryStore }>();
  const interrupted = (store: Store): Store => {
    let current = store;
    const calls = [
      'read',
      'revision',
      'crop',
      'logHead',
      'logRows',
      'appendLog',
      'commit',
      'replace',
      'damaged',
    ] as const;
    const wrapped = calls.map((name) => {
      const wrapper = async (...given: unknown[]) => {
        if (interruption.count++ === interruption.at) await interruption.run();
        return (current[name] as (...given: unknown[]) => Promise<unknown>)(...given);
      };
      return [name, wrapper];
    });
    // A closed store in memory is empty.
    const close = () => {
      current = original.memoryStore();
    };
    return { ...store, ...Object.fromEntries(wrapped), close };
  };
  return {
    memoryStore: () => {
      shared ??= { ...original.memoryStore(), close: () => {} };
      return interrupts ? interrupted(shared) : shared;
    },
  };
});

beforeEach(fastPassphrases);
afterEach(() => {
  vi.restoreAllMocks();
  shared = undefined;
  interrupts = false;
  interruption.at = Number.POSITIVE_INFINITY;
});

const templateKey = (value: number) => new Uint8Array(32).fill(value);
const synthetic = new Synthetic();
const [ada, bob, cleo] = [synthetic.person(), synthetic.person(), synthetic.person()];
const face = (embedding = ada) => ({ embedding, model: rule.model });
const crop = new Blob(['pixels'], { type: 'image/png' });

/** An open gallery, and the ids in it. */
interface Opened {
  gallery: Gallery;
  person: string;
  other: string;
  template: string;
  file: Blob;
}

/** Calls that return what a gallery has. */
const reads: Record<string, (opened: Opened) => Promise<unknown>> = {
  list: ({ gallery }) => gallery.list(),
  models: ({ gallery }) => gallery.models(),
  examples: ({ gallery }) => gallery.examples(),
  identify: ({ gallery }) => gallery.identify(face()),
  verify: ({ gallery, person }) => gallery.verify(person, face()),
  crop: ({ gallery, template }) => gallery.crop(template),
  export: ({ gallery }) => gallery.export({ plain: true }),
  exportPerson: ({ gallery, person }) => gallery.exportPerson(person, { plain: true }),
  log: ({ gallery }) => gallery.log(),
  exportLog: ({ gallery }) => gallery.exportLog(),
  damaged: ({ gallery }) => gallery.damaged(),
};

/** Calls that need the passphrase, if there is one. */
const openings: Record<string, (opened: Opened, options: Partial<GalleryOptions>) => Promise<unknown>> = {
  open: async (_, options) => (await Gallery.open({ ...always, ...options })).close(),
  unlock: async ({ gallery }, { passphrase }) => {
    if (passphrase === undefined) return;
    await gallery.lock();
    await gallery.unlock(passphrase);
  },
};

/** Calls that change a gallery. */
const changes: Record<string, (opened: Opened) => Promise<unknown>> = {
  enrol: ({ gallery }) => gallery.enrol({ name: 'Cleo' }, face(cleo), { crop }),
  'refused enrol': ({ gallery }) => gallery.enrol({ name: 'Ada again' }, face()),
  rename: ({ gallery, person }) => gallery.rename(person, 'Ada L.'),
  retain: ({ gallery, person }) => gallery.retain(person, { expiresAt: new Date('2999-01-01') }),
  remove: ({ gallery, person }) => gallery.remove(person),
  merge: ({ gallery, person, other }) => gallery.merge(person, other),
  import: ({ gallery, file }) => gallery.import(file),
  expire: ({ gallery }) => gallery.expire(),
  discardDamaged: ({ gallery }) => gallery.discardDamaged(),
};

/** A gallery with two people, a crop and a log, in the tab that is interrupted and in another one. */
async function openTwice(options: Partial<GalleryOptions>): Promise<{ here: Opened; there: Gallery }> {
  shared = undefined;
  interrupts = false;
  const all = { ...always, ...options };
  const there = await Gallery.open(all);
  const [one, two] = [
    await there.enrol({ name: 'Ada' }, face(), { crop: options.templateKey ? undefined : crop } as object),
    await there.enrol({ name: 'Bob' }, face(bob)),
  ];
  if (!one.enrolled || !two.enrolled) throw new Error('not enrolled');
  const file = await there.export({ plain: true });
  interrupts = true;
  const gallery = await Gallery.open(all);
  return { here: { gallery, person: one.person.id, other: two.person.id, template: one.face.id, file }, there };
}

const always = { name: 'x', storage: 'memory', facenet: { rule }, log: true } as const;

/** Calls a method once for each of its calls of the store, before which something happens. @returns the codes. */
async function codesOf(
  call: (opened: Opened, options: Partial<GalleryOptions>) => Promise<unknown>,
  options: Partial<GalleryOptions>,
  interrupt: (here: Gallery, there: Gallery) => Promise<unknown>,
): Promise<unknown[]> {
  const codes: unknown[] = [];
  for (let at = 0; ; at++) {
    const { here, there } = await openTwice(options);
    const run = async () => {
      interruption.at = Number.POSITIVE_INFINITY;
      await interrupt(here.gallery, there);
    };
    Object.assign(interruption, { at, count: 0, run });
    const code = await errorCodeOf(call(here, options));
    if (interruption.at === at) return codes;
    codes.push(code);
    // What the other tab wrote is complete.
    await there.list();
    await there.log();
  }
}

const keyChanges = [
  {
    change: 'rekey',
    options: { passphrase: 'one' },
    by: (there: Gallery) => there.rekey('one'),
    code: 'gallery-locked',
  },
  { change: 'protect', options: {}, by: (there: Gallery) => there.protect('one'), code: 'gallery-locked' },
  {
    change: 'changePassphrase',
    options: { passphrase: 'one' },
    by: (there: Gallery) => there.changePassphrase('one', 'two'),
    code: 'no error',
  },
  {
    change: 'reissue',
    options: { passphrase: 'one', templateKey: templateKey(1) },
    by: (there: Gallery) => there.reissue(templateKey(2)),
    code: 'key-wrong',
  },
];

for (const { change, options, by, code } of keyChanges) {
  test.each(Object.entries(change === 'rekey' ? { ...reads, ...changes } : reads))(
    `%s() while another tab calls ${change}() succeeds or reports the other key, and never damage`,
    async (_, call) => {
      const codes = await codesOf(call, options, (_, there) => by(there));
      expect(codes.length).toBeGreaterThan(0);
      expect(new Set([...codes, 'no error', code])).toEqual(new Set(['no error', code]));
    },
  );
}

test.each([
  // The passphrase stays the same.
  { change: 'rekey', options: { passphrase: 'one' }, by: (there: Gallery) => there.rekey('one'), codes: ['no error'] },
  // The gallery is opened locked.
  { change: 'protect', options: {}, by: (there: Gallery) => there.protect('one'), codes: ['no error'] },
  {
    change: 'changePassphrase',
    options: { passphrase: 'one' },
    by: (there: Gallery) => there.changePassphrase('one', 'two'),
    codes: ['no error', 'key-wrong'],
  },
])('open() and unlock() while another tab calls $change() use the new key', async ({ options, by, codes }) => {
  for (const call of Object.values(openings)) {
    const outcomes = await codesOf(call, options, (_, there) => by(there));
    expect(new Set([...outcomes, ...codes])).toEqual(new Set(codes));
  }
});

test('list() of a gallery opened for repair leaves nothing out while the own tab calls rekey()', async () => {
  let at = -1;
  do {
    const { here, there } = await openTwice({ passphrase: 'one', repair: true });
    // The records are read again.
    await there.rename(here.person, 'Ada L.');
    const run = async () => {
      interruption.at = Number.POSITIVE_INFINITY;
      await here.gallery.rekey('one');
    };
    Object.assign(interruption, { at: ++at, count: 0, run });
    const people = await here.gallery.list();
    expect(people.map(({ faces }) => faces.map(({ hasCrop }) => hasCrop))).toEqual([[true], [false]]);
    expect(await here.gallery.damaged()).toEqual([]);
  } while (interruption.at !== at);
  expect(at).toBeGreaterThan(2);
});

test('unlock() while another tab calls rekey(), and the own tab lock(), leaves the gallery locked', async () => {
  const options = { passphrase: 'one' };
  const locked: boolean[] = [];
  const unlock = async (here: Opened) => {
    await errorCodeOf((openings.unlock as (typeof openings)[string])(here, options));
    locked.push(here.gallery.locked);
  };
  await codesOf(unlock, options, async (here, there) => {
    await there.rekey('one');
    await here.lock();
  });
  expect(locked.length).toBeGreaterThan(3);
  // The last call was not interrupted.
  expect(locked).toEqual([...locked.slice(1).map(() => true), false]);
});

describe.each([{}, { passphrase: 'one' }])('a gallery with %o', (options) => {
  test.each(Object.entries(reads))('%s() while the own tab closes it throws disposed', async (_, call) => {
    const codes = await codesOf(call, options, (here) => here.close());
    expect(codes.length).toBeGreaterThan(0);
    expect(new Set(codes)).toEqual(new Set(['disposed']));
  });
});
