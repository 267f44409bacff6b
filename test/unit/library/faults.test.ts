import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Library } from '../../../lib/library/index.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';
import { expectStored, type FailingStore, failingStore, sessionOf } from './stored-state.ts';

/** One database for the libraries that a test opens one after the other, as a browser keeps it. */
const stored = vi.hoisted(() => ({ store: undefined as unknown }));

vi.mock('../../../lib/library/storage/memory.ts', async (original) => {
  const { memoryStore } = await original<typeof import('../../../lib/library/storage/memory.ts')>();
  return {
    memoryStore() {
      stored.store ??= failingStore(memoryStore());
      return stored.store;
    },
  };
});

beforeEach(() => {
  stored.store = undefined;
  stubImages();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function open(facenet = new CountingFaceNet()): Promise<Library> {
  return Library.open({ name: 'test', facenet, storage: 'memory', previews: 0 });
}

/** A library of ten photos of five people, with corrections. */
async function filled(facenet = new CountingFaceNet()): Promise<Library> {
  stored.store = undefined;
  const library = await open(facenet);
  // One by one, so that the faces have the same numbers each time.
  for (let i = 0; i < 10; i++) await library.add([{ path: `folder/${i}`, file: photo(`${i}`, [i % 5, 5]) }]);
  await library.name(personOf(library, 0), 'Ada');
  await library.split(2);
  return library;
}

const personOf = (library: Library, face: number) => sessionOf(library).state.columns.person[face] as number;

/** The people, each with its details, and the photos of its faces. */
async function summary(library: Library) {
  const { state, store } = sessionOf(library);
  const people = new Map<number, string[]>();
  for (const { id, faces } of await store.list('photos')) {
    for (const [i, face] of faces.entries()) {
      const person = state.columns.person[face] as number;
      people.set(person, [...(people.get(person) ?? []), `${id} ${i} ${state.columns.flags[face]}`]);
    }
  }
  const described = [...people].map(([person, faces]) => {
    const { name, hidden, refused } = state.details(person);
    return { person: person > 0, name, hidden, refused, faces: faces.sort() };
  });
  const constraints = [...state.constraints.values()].map(({ kind }) => kind).sort();
  return { people: described.sort((a, b) => Number(a.faces.join() > b.faces.join()) - 1), constraints };
}

/** An export of photos that {@link filled} lacks, with people and a constraint. */
async function foreignExport(): Promise<Blob> {
  const library = await open();
  await library.add([photo('x', [1, 2])]);
  await library.add([photo('y', [2, 3])]);
  await library.name(personOf(library, 0), 'Bob');
  await library.split(1);
  return library.export({ plain: true });
}

/** Every kind of change, each made of one commit or several. */
const changes: Record<string, (library: Library, other: Blob) => Promise<unknown>> = {
  'a new photo': (library) => library.add([photo('new', [0, 6, 7])]),
  'a file of a known photo': (library) => library.add([{ path: 'copy', file: photo('0', [0, 5], { modified: 3 }) }]),
  'a changed photo': (library) => library.add([{ path: 'folder/0', file: photo('0', [0], { note: 'brighter' }) }]),
  'several photos': (library) => library.add(Array.from({ length: 30 }, (_, i) => photo(`more ${i}`, [2 + (i % 5)]))),
  'a name': (library) => library.name(personOf(library, 4), 'Bob'),
  'a merge': (library) => library.merge(personOf(library, 0), personOf(library, 4)),
  'a split': (library) => library.split(4),
  'a face of another person': (library) => library.notSame(6, personOf(library, 6)),
  'no face': (library) => library.notAFace(4),
  'an undo': (library) => library.undo(),
  'a removal': async (library) => library.remove((await library.photos({ limit: 2 })).items.map(({ id }) => id)),
  'a grouping': (library) => library.regroup(),
  'an import': (library, other) => library.import(other),
};

describe('a commit that fails', () => {
  test.for(Object.entries(changes))('leaves memory as the store, and can be repeated: %s', async ([, change]) => {
    const other = await foreignExport();
    const undisturbed = await filled();
    await change(undisturbed, other);
    await undisturbed.resume();
    const expected = await summary(undisturbed);
    let failures = 0;
    for (let number = 1; ; number++) {
      await using library = await filled();
      const store = stored.store as FailingStore;
      let commits = 0;
      store.fails = () => ++commits === number;
      const code = await errorCodeOf(change(library, other));
      store.fails = () => false;
      await expectStored(sessionOf(library));
      if (code === 'storage-full') {
        failures++;
        await change(library, other);
      }
      await library.resume();
      await expectStored(sessionOf(library));
      expect(await summary(library)).toEqual(expected);
      if (commits < number) break;
    }
    expect(failures).toBeGreaterThan(0);
  });

  test('can be repeated in an update', async () => {
    const other = new CountingFaceNet('dlib-resnet-34');
    for (let number = 1, failed = true; failed; number++) {
      await (await filled()).close();
      await using library = await open(other);
      const before = await summary(library);
      const store = stored.store as FailingStore;
      let commits = 0;
      store.fails = () => ++commits === number;
      const code = await errorCodeOf(library.update());
      store.fails = () => false;
      failed = code === 'storage-full';
      expect(library.outdated).toBe(failed);
      await expectStored(sessionOf(library));
      if (failed) await library.update();
      expect(library.outdated).toBe(false);
      await expectStored(sessionOf(library));
      expect(await summary(library)).toEqual(before);
    }
  });

  test('takes everything of a full disk back', async () => {
    await using library = await filled();
    const before = await summary(library);
    const other = await filled().then((filled) => filled.export({ plain: true }));
    stored.store = sessionOf(library).store;
    for (const [name, change] of Object.entries(changes)) {
      (stored.store as FailingStore).fails = () => true;
      expect(await errorCodeOf(change(library, other)), name).toBe('storage-full');
      (stored.store as FailingStore).fails = () => false;
      await expectStored(sessionOf(library));
    }
    expect(await summary(library)).toEqual(before);
  });
});
