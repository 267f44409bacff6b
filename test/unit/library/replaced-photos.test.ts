import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Library } from '../../../lib/library/index.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';
import { expectStored, sessionOf } from './stored-state.ts';

/** One database for the libraries that a test opens one after the other, as a browser keeps it. */
const stored = vi.hoisted(() => ({ store: undefined as unknown }));

vi.mock('../../../lib/library/storage/memory.ts', async (original) => {
  const { memoryStore } = await original<typeof import('../../../lib/library/storage/memory.ts')>();
  return {
    memoryStore() {
      stored.store ??= { ...memoryStore(), close() {} };
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

let modified = 0;

/** The files of an album, numbered in order. @param photos the people in each. Photos of the same name have the same bytes. */
function album(photos: readonly (readonly [name: string, people: readonly number[]])[]) {
  modified++;
  return photos.map(([name, people], i) => ({ path: `album/${i}.jpg`, file: photo(name, people, { modified }) }));
}

const a = ['a', [0]] as const;
const b = ['b', [1]] as const;
const c = ['c', [0, 2]] as const;
const d = ['d', [3]] as const;

/** Names people, moves a face by hand, and marks another as no face. */
async function correct(library: Library): Promise<void> {
  const { items } = await library.photos();
  const facesOf = (at: number) => items.find(({ path }) => path === `album/${at}.jpg`)?.faces as [number, number];
  const [[ada], [bob], [other, stranger]] = [facesOf(0), facesOf(1), facesOf(2)];
  const personOf = async (face: number) => (await library.faces([face]))[0]?.person as number;
  await library.name(await personOf(ada), 'Ada');
  await library.name(await personOf(bob), 'Bob');
  await library.notSame(other, await personOf(ada));
  await library.notAFace(stranger);
  await library.setCover(await personOf(ada), ada);
}

/** What corrections say, by the photos. */
async function decided(library: Library) {
  const people = await Promise.all(
    library.people().items.map(async ({ number, name, cover, confirmed }) => {
      const photos = (await library.photosOf(number)).items.map(({ id }) => id).sort();
      const [face] = await library.faces([cover]);
      return { name, confirmed, photos, cover: face?.photo };
    }),
  );
  const faces = await library.faces(library.ungrouped().items);
  return {
    people: people.sort((x, y) => x.photos.join().localeCompare(y.photos.join())),
    noFaces: faces.filter(({ notAFace }) => notAFace).map(({ photo }) => photo),
    constraints: sessionOf(library).state.constraints.size,
  };
}

/** The photos by the names of their files. */
async function photosByPath(library: Library): Promise<[string, string][]> {
  const { items } = await library.photos();
  return items.map(({ path, id }): [string, string] => [path, id]).sort(([x], [y]) => x.localeCompare(y));
}

describe('corrections stay, and no photo is searched again,', () => {
  test('when two files swap their contents', async () => {
    const facenet = new CountingFaceNet();
    await using library = await open(facenet);
    await library.add(album([a, b, c]));
    await correct(library);
    const before = await decided(library);
    const [[, first], [, second]] = (await photosByPath(library)) as [[string, string], [string, string]];
    await library.add(album([b, a, c]));
    expect(await decided(library)).toEqual(before);
    expect(facenet.searched).toBe(3);
    expect((await photosByPath(library)).slice(0, 2)).toEqual([
      ['album/0.jpg', second],
      ['album/1.jpg', first],
    ]);
    await expectStored(sessionOf(library));
  });

  test.for([
    ['a photo of a stranger is put before the others', [d, a, b, c], 1],
    ['the order is reversed', [c, b, a], 0],
  ] as const)('when the files are numbered again because %s', async ([, photos, added]) => {
    const facenet = new CountingFaceNet();
    await using library = await open(facenet);
    await library.add(album([a, b, c]));
    await correct(library);
    const before = await decided(library);
    await library.add(album(photos));
    const after = await decided(library);
    expect(after.people).toEqual(expect.arrayContaining(before.people));
    expect({ ...after, people: after.people.length }).toEqual({ ...before, people: before.people.length + added });
    expect(facenet.searched).toBe(3 + added);
    expect(sessionOf(library).meta.orphans).toEqual([]);
    await expectStored(sessionOf(library));
  });

  test('when the files are numbered again because the first one is gone', async () => {
    const facenet = new CountingFaceNet();
    await using library = await open(facenet);
    await library.add(album([a, b, c]));
    await correct(library);
    const before = await decided(library);
    await library.add(album([b, c]));
    const { people, noFaces } = await decided(library);
    expect(people.map(({ name }) => name).sort()).toEqual(['', 'Bob']);
    expect(noFaces).toEqual(before.noFaces);
    // Nothing says that album/2.jpg is gone.
    expect((await photosByPath(library)).map(([path]) => path)).toEqual(['album/0.jpg', 'album/2.jpg']);
    expect(facenet.searched).toBe(3);
  });

  test('when the page is loaded again in between', async () => {
    await using library = await open();
    await library.add(album([a, b, c]));
    await correct(library);
    const before = await decided(library);
    const controller = new AbortController();
    let reports = 0;
    const stopping = library.add(album([b, a, c]), {
      signal: controller.signal,
      pace: 'background',
      onProgress: ({ done }) => done === 1 && ++reports === 1 && controller.abort(new Error('stopped')),
    });
    await expect(stopping).rejects.toThrow('stopped');
    expect(sessionOf(library).meta.orphans).toHaveLength(1);
    await library.close();
    const facenet = new CountingFaceNet();
    await using again = await open(facenet);
    expect(again.grouped).toBe(false);
    await again.resume();
    expect(again.grouped).toBe(true);
    expect(await decided(again)).toEqual(before);
    expect(facenet.searched).toBe(0);
  });
});

test('a photo that no file has is removed when no file waits, and the one that replaced it takes over', async () => {
  await using library = await open();
  await library.add(album([a, b, c]));
  await correct(library);
  const before = await decided(library);
  await library.add(album([['brighter', [0]], b, c]));
  const after = await decided(library);
  expect(after.people.map(({ name, confirmed }) => [name, confirmed]).sort()).toEqual(
    before.people.map(({ name, confirmed }) => [name, confirmed]).sort(),
  );
  expect(await library.counts()).toMatchObject({ photos: 3, files: 3 });
  const [edited] = (await library.photos()).items.filter(({ path }) => path === 'album/0.jpg');
  expect(after.people.find(({ name }) => name === 'Ada')).toMatchObject({ photos: [edited?.id], cover: edited?.id });
  await expectStored(sessionOf(library));
});

describe('a photo that was edited, of which there is a copy,', () => {
  const edited = ['brighter', [0]] as const;
  const copyOf = ([name, people]: typeof edited, path: string) => ({ path, file: photo(name, people, { modified }) });

  test('hands its corrections to the copy, which is indexed first', async () => {
    await using library = await open();
    await library.add(album([a, b, c]));
    await correct(library);
    const before = await decided(library);
    await library.add([...album([edited, b, c]), copyOf(edited, 'album/copy.jpg')]);
    const after = await decided(library);
    const summary = ({ people, constraints }: typeof after) => ({
      people: people.map(({ name, confirmed }) => [name, confirmed]).sort(),
      constraints,
    });
    expect(summary(after)).toEqual(summary(before));
    expect(await library.counts()).toMatchObject({ photos: 3, files: 4 });
    await expectStored(sessionOf(library));
  });

  test('leaves the corrections of the copy as they are, also when its own are undone', async () => {
    await using library = await open();
    await library.add([...album([a, b, c]), copyOf(edited, 'album/copy.jpg')]);
    const { items } = await library.photos();
    const faceOf = (path: string) => items.find((item) => item.path === path)?.faces[0] as number;
    const [face, kept] = [faceOf('album/0.jpg'), faceOf('album/copy.jpg')];
    const eve = await library.split(kept);
    await library.name(eve, 'Eve');
    await library.name(await library.split(face), 'Ada');
    await library.add(album([edited, b, c]));
    const isKept = async () => (await library.faces([kept]))[0];
    expect(await isKept()).toMatchObject({ person: eve, confirmed: true });
    // "Ada", and the split before it.
    for (let i = 0; i < 2; i++) {
      await library.undo();
      expect(await isKept()).toMatchObject({ person: eve, confirmed: true });
    }
    expect(library.person(eve).name).toBe('Eve');
    await expectStored(sessionOf(library));
  });

  test('hands nothing to an unrelated photo that has a face at the same place', async () => {
    await using library = await open();
    await library.add(album([a, b, c, d]));
    await correct(library);
    const { items } = await library.photos();
    const faceOf = (path: string) => items.find((item) => item.path === path)?.faces[0] as number;
    // No embedding to compare: a face whose crop could not be read in an update.
    const session = sessionOf(library);
    const [row] = await session.store.getAll('faces', [faceOf('album/0.jpg')]);
    if (!row) throw new Error('The face is not stored.');
    const embedding = new Float32Array(row.embedding.length);
    await session.exclusively(() => session.commit({ faces: { put: [{ ...row, embedding }] } }));
    const stranger = faceOf('album/3.jpg');
    const [before] = await library.faces([stranger]);
    await library.add(album([d, b, c, d]));
    expect(await library.faces([stranger])).toEqual([before]);
    expect(library.people().items.map(({ name }) => name)).not.toContain('Ada');
    await expectStored(session);
  });
});

test('a correction of the new photo is not replaced by those of the former one', async () => {
  await using library = await open();
  await library.add(album([a, b, c]));
  await correct(library);
  let named: Promise<void> | undefined;
  await library.add(album([['brighter', [0]], b, c]), {
    onProgress: () => {
      const { orphans: [orphan] = [] } = sessionOf(library).meta;
      if (!orphan || named) return;
      const face = sessionOf(library).state.columns.size - 1;
      named = library.split(face).then((person) => library.name(person, 'Eve'));
    },
  });
  await named;
  const people = library.people().items.map(({ name }) => name);
  expect(people).toContain('Eve');
  expect(people).not.toContain('Ada');
});
