import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Library, type LibraryFaceNet } from '../../../lib/library/index.ts';
import { LibraryGraph } from '../../../lib/library/session/library-graph.ts';
import type { FaceRow, MetaRow } from '../../../lib/library/storage/tables.ts';
import type { FaceGraph } from '../../../lib/neighbours/face-graph.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { rule, unit } from './embeddings.ts';
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

const open = (facenet: LibraryFaceNet = new CountingFaceNet()) =>
  Library.open({ name: 'test', facenet, storage: 'memory' });

const files = () => [photo('a', [0, 1]), photo('b', [0, 1]), photo('c', [0, 2]), photo('d', [2])];

/** A FaceNet with another detector, and slightly other embeddings. @param isFound whether it finds the face at an index of a photo. Default: all. */
function otherFaceNet(isFound: (index: number) => boolean = () => true): CountingFaceNet {
  const facenet = new CountingFaceNet('mobilefacenet', { detector: 'mtcnn' });
  const { embed } = facenet;
  facenet.embed = (async (...parameters: Parameters<typeof embed>) => {
    const found = await embed(...parameters);
    if (!Array.isArray(found)) return found;
    const shifted = found.map((face) => ({ ...face, embedding: unit(face.embedding.with(0, 0.2)) }));
    return shifted.filter((_, index) => isFound(index));
  }) as typeof embed;
  return facenet;
}

/** The numbers of the faces of each photo, by the name of its file. */
async function facesByPath(library: Library): Promise<Record<string, number[]>> {
  return Object.fromEntries((await library.photos()).items.map(({ path, faces }) => [path, faces]));
}

/** The numbers of people are kept, too. */
async function whoIsWho(library: Library) {
  const people = library.people().items.map((person) => ({ ...person, faces: library.facesOf(person.number) }));
  return { people, ungrouped: library.ungrouped().items };
}

describe('a photo that is indexed again', () => {
  test('keeps the numbers of its faces, with people, corrections and what can be undone', async () => {
    await using first = await open();
    await first.add(files());
    const numbers = await facesByPath(first);
    const [ada, bob] = first.people().items.map(({ number }) => number) as [number, number];
    await first.name(ada, 'Ada');
    await first.setCover(ada, numbers.b?.[0] as number);
    await first.notAFace(numbers.c?.[1] as number);
    const before = await whoIsWho(first);
    await first.notSame(numbers.a?.[1] as number, bob);
    const corrected = await whoIsWho(first);
    await first.close();

    const facenet = otherFaceNet();
    await using library = await open(facenet);
    await library.add(files());
    expect(facenet.searched).toBe(4);
    expect(await facesByPath(library)).toEqual(numbers);
    expect(await whoIsWho(library)).toEqual(corrected);
    expect(await library.counts()).toMatchObject({ photos: 4, faces: 7, files: 4 });
    await expectStored(sessionOf(library));
    await library.undo();
    expect(await whoIsWho(library)).toEqual(before);
    await expectStored(sessionOf(library));
  });

  test('loses the faces that are not found any more, and gives new ones new numbers', async () => {
    await using first = await open(otherFaceNet((index) => index === 0));
    await first.add(files());
    const [before] = Object.values(await facesByPath(first)) as [[number]];
    await first.close();
    await using second = await open();
    await second.add(files());
    const all = await facesByPath(second);
    expect(all.a).toEqual([before[0], 4]);
    expect(second.people().items[0]).toMatchObject({ faces: 3 });
    await second.close();
    await using third = await open(otherFaceNet((index) => index === 1));
    await third.add(files());
    expect((await facesByPath(third)).a).toEqual([4]);
    for (const call of [third.crop(before[0]), third.faces(before), third.split(before[0])]) {
      expect(await errorCodeOf(call)).toBe('library-unknown');
    }
    expect(await third.counts()).toMatchObject({ faces: 3 });
    await expectStored(sessionOf(third));
  });

  test('has its new pictures, box and time', async () => {
    await using first = await open(otherFaceNet());
    await first.add([photo('a', [0])]);
    const { store } = sessionOf(first);
    const rows = () => Promise.all([store.list('faces'), store.list('crops'), store.list('previews')]);
    const [faces, crops, previews] = await rows();
    await store.commit({ crops: { remove: [0] }, previews: { remove: [1] } });
    await first.close();
    await using library = await open();
    await library.add([photo('a', [0], { modified: 77 })]);
    const [[face], ...pictures] = await rows();
    expect(face).toMatchObject({ number: 0, photo: 1, box: faces[0]?.box });
    expect(face?.embedding).not.toEqual(faces[0]?.embedding);
    expect(pictures).toEqual([crops, previews]);
    const [shown] = (await library.photos()).items;
    expect(shown?.time).toEqual(new Date(77));
    expect(sessionOf(library).state.columns.time[0]).toBe(77);
    await expectStored(sessionOf(library));
  });

  test('is grouped again with all others at the end', async () => {
    await using first = await open();
    await first.add(files());
    await first.close();
    await using library = await open(otherFaceNet());
    const regroup = vi.spyOn(sessionOf(library), 'regroup');
    await library.add(files());
    expect(regroup).toHaveBeenCalledOnce();
    expect(library.grouped).toBe(true);
  });
});

/** Checks that a graph lists the neighbours of the present embeddings, by a graph that is built from them. */
async function expectPresentNeighbours(library: Library, graph: FaceGraph): Promise<void> {
  const { store } = sessionOf(library);
  const meta = { rule, graphed: 0 } as MetaRow;
  const fresh = await new LibraryGraph({
    ...store,
    list: async (name, options) => (name === 'graph' ? [] : store.list(name, options)),
  }).load(() => meta);
  expect(graph.size).toBe(fresh.size);
  const listed = (of: FaceGraph, face: number) => {
    const near: [number, number][] = [];
    of.lists.forEach(face, 2, (other, distance) => near.push([other, Number(distance.toFixed(5))]));
    return near.sort(([a], [b]) => a - b);
  };
  for (let face = 0; face < fresh.size; face++) {
    expect(graph.embedding(face)).toEqual(fresh.embedding(face));
    expect(listed(graph, face)).toEqual(listed(fresh, face));
  }
}

describe('the neighbours of a photo that is indexed again', () => {
  /** A library whose photos were indexed again since its graph was stored. */
  async function indexedAgain(isGraphRead: boolean): Promise<Library> {
    await using first = await open();
    await first.add(files());
    await first.regroup();
    await first.close();
    const library = await open(otherFaceNet());
    const session = sessionOf(library);
    if (isGraphRead) await session.graph();
    vi.spyOn(session, 'regroup').mockResolvedValue();
    await library.add(files());
    return library;
  }

  test.for([true, false])('are those of its new embeddings (the graph was read before: %s)', async (isGraphRead) => {
    await using library = await indexedAgain(isGraphRead);
    await expectPresentNeighbours(library, await sessionOf(library).graph());
  });

  test('are those of its new embeddings after a reload, and once the graph was stored again', async () => {
    await using library = await indexedAgain(true);
    expect(sessionOf(library).meta.relinked).toHaveLength(7);
    await library.close();
    await using reloaded = await open(otherFaceNet());
    await expectPresentNeighbours(reloaded, await sessionOf(reloaded).graph());
    await reloaded.regroup();
    expect(sessionOf(reloaded).meta).toMatchObject({ graphed: 7, relinked: [] });
    await reloaded.close();
    await using again = await open(otherFaceNet());
    await expectPresentNeighbours(again, await sessionOf(again).graph());
  });
});

test.each([64, 512])(
  'a stopped update leaves the links of replaced embeddings, also with %i dimensions',
  async (length) => {
    await using library = await open();
    await library.add(files());
    await library.regroup();
    const session = sessionOf(library);
    const [face] = (await session.store.list('faces')) as [FaceRow];
    const other = { ...face, generation: 1, embedding: new Float32Array(length).fill(0.5) };
    await session.exclusively(() => session.commitReplaced([0], { faces: { put: [other] } }));
    expect((await session.graph()).embedding(0)).toEqual(new Float32Array(rule.dimension));
    await expectPresentNeighbours(library, await session.graph());
  },
);

test('faces whose embeddings were replaced are all linked again after that was aborted', async () => {
  await using library = await open();
  await library.add(files());
  const session = sessionOf(library);
  await session.graph();
  const rows = await session.store.list('faces');
  const changed = rows.map((row) => ({ ...row, embedding: row.embedding.map((value) => -value) }));
  await session.exclusively(() => session.commitReplaced([0, 1, 2, 3, 4, 5, 6], { faces: { put: changed } }));
  const controller = new AbortController();
  const reading = vi.spyOn(session.store, 'getAll').mockImplementationOnce(async () => {
    controller.abort(new Error('stopped'));
    return changed as never;
  });
  await expect(session.graph(controller.signal)).rejects.toThrow('stopped');
  expect(reading).toHaveBeenCalledOnce();
  await expectPresentNeighbours(library, await session.graph());
});
