import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Library } from '../../../lib/library/index.ts';
import { LibraryGraph } from '../../../lib/library/session/library-graph.ts';
import { memoryStore } from '../../../lib/library/storage/memory.ts';
import type { Store } from '../../../lib/library/storage/store.ts';
import type { FaceRow, MetaRow } from '../../../lib/library/storage/tables.ts';
import { listLength } from '../../../lib/neighbours/near-lists.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { rule } from './embeddings.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';
import { expectStored, sessionOf } from './stored-state.ts';

beforeEach(stubImages);
afterEach(() => {
  vi.unstubAllGlobals();
});

/** A library of two photos of Ada and Bob, one of Ada in two files, and one of somebody else. */
async function filled(facenet = new CountingFaceNet()): Promise<Library> {
  const library = await Library.open({ name: 'test', facenet, storage: 'memory', previews: 640 });
  await library.add([photo('a', [0, 1]), photo('b', [0, 1]), photo('c', [0]), photo('d', [2])]);
  await library.add([{ path: 'copies/c', file: photo('c', [0]) }]);
  const ada = library.people().items[0]?.number as number;
  await library.name(ada, 'Ada');
  return library;
}

const idOf = async (library: Library, path: string) =>
  (await library.photos()).items.find((each) => each.path === path)?.id as string;

/** The stored list of the faces nearest to a face. */
const listOf = (near: Uint32Array | undefined, face: number) => [
  ...(near?.subarray(face * listLength, (face + 1) * listLength) ?? []),
];

describe('photos that are removed', () => {
  test('leave neither their faces nor their pictures nor their files', async () => {
    await using library = await filled();
    const { store, state } = sessionOf(library);
    const [id, copied] = [await idOf(library, 'a'), await idOf(library, 'c')];
    const faces = [...(await library.photo(id)).faces, ...(await library.photo(copied)).faces];
    const rows = (await store.getAll('faces', faces)).filter((row) => row !== undefined);
    await store.commit({ faces: { put: rows.map((row) => ({ ...row, strangerSimilarity: 0.1 })) } });
    expect(await library.remove([id, copied, id, 'f'.repeat(64)])).toBe(2);
    expect(await library.counts()).toEqual({ photos: 2, faces: 3, files: 2, waiting: 0, failed: 0 });
    for (const table of ['crops', 'previews', 'photos', 'files'] as const) {
      const left = await store.list(table);
      expect(left, table).toHaveLength(table === 'crops' ? 3 : 2);
    }
    for (const row of await store.getAll('faces', faces)) {
      expect(row?.embedding.some((value) => value !== 0)).toBe(false);
      expect(row).not.toHaveProperty('strangerSimilarity');
    }
    const [columns] = await store.list('columns');
    for (const face of faces) expect([columns?.time[face], columns?.order[face]]).toEqual([0, 0]);
    for (const face of faces) expect(await errorCodeOf(library.crop(face))).toBe('library-unknown');
    expect(library.people().items).toMatchObject([{ name: 'Ada', faces: 1 }, { faces: 1 }, { faces: 1 }]);
    expect(await library.remove([id])).toBe(0);
    expect(state.columns.present).toBe(3);
    await expectStored(sessionOf(library));
  });

  test('do not come back by undo, and are indexed again when their files are added', async () => {
    const facenet = new CountingFaceNet();
    await using library = await filled(facenet);
    const [ada] = library.people().items;
    const id = await idOf(library, 'a');
    const [first, second] = (await library.photo(id)).faces as [number, number];
    await library.notSame(second, ada?.number as number);
    await library.setCover(ada?.number as number, first);
    await library.split(first);
    await library.remove([id]);
    expect([...sessionOf(library).state.constraints.values()]).toEqual([]);
    while (await library.undo()) await expectStored(sessionOf(library));
    expect(library.people().items.map(({ name, faces }) => [name, faces])).toEqual([
      ['', 2],
      ['', 1],
      ['', 1],
    ]);
    const { searched } = facenet;
    await library.add([photo('a', [0, 1])]);
    expect(facenet.searched).toBe(searched + 1);
    expect(await library.counts()).toMatchObject({ photos: 4, faces: 6, files: 5 });
  });

  test('are no longer among the similar faces, and their embeddings leave the memory', async () => {
    await using library = await filled();
    const [other] = (await library.photo(await idOf(library, 'a'))).faces as [number];
    const before = await library.similar(other);
    const id = await idOf(library, 'b');
    const { faces } = await library.photo(id);
    expect(before.map(({ face }) => face)).toContain(faces[0]);
    await library.remove([id]);
    expect((await library.similar(other)).map(({ face }) => face)).not.toContain(faces[0]);
    const graph = await sessionOf(library).graph();
    for (const face of faces) expect(graph.embedding(face).some((value) => value !== 0)).toBe(false);
  });

  test('are no longer listed as neighbours, whose graph is built again', async () => {
    await using library = await filled();
    const session = sessionOf(library);
    const { store } = session;
    await library.regroup();
    expect(await store.count('graph')).toBe(1);
    const id = await idOf(library, 'b');
    const { faces } = await library.photo(id);
    const commit = vi.spyOn(store, 'commit');
    await library.remove([id]);
    expect(commit).toHaveBeenCalledOnce();
    expect(await store.list('graph')).toEqual([]);
    await expectStored(session);
    const people = () => library.people().items.map(({ name, faces }) => [name, faces]);
    const before = people();
    await library.regroup();
    expect(people()).toEqual(before);
    // The present ones are listed, and the removed ones in no list.
    const [block] = await store.list('graph');
    const listed = new Set(block?.near);
    expect(listed.has(session.state.columns.facesOf(1)[0] as number)).toBe(true);
    for (const face of faces) {
      expect(listed.has(face)).toBe(false);
      expect(session.state.columns.photo[face]).toBeGreaterThan(0);
      expect(listOf(block?.near, face).every((near) => near === 0xffffffff)).toBe(true);
    }
  });

  test('are removed while the neighbour graph is read: nothing is compared by links that are gone', async () => {
    await using library = await filled();
    const session = sessionOf(library);
    const { store } = session;
    await library.regroup();
    await session.forgetGraph();
    const [cover] = library.people().items.map(({ cover }) => cover) as [number];
    const id = await idOf(library, 'b');
    const { list } = store;
    let removed: Promise<number> | undefined;
    store.list = (async (table, options) => {
      // The blocks are gone when they are read. The call waits for the graph, which is being read.
      if (table === 'graph' && !removed) {
        removed = library.remove([id]);
        await vi.waitFor(async () => expect(await store.count('graph')).toBe(0));
      }
      return list(table, options);
    }) as typeof list;
    const graph = await session.graph();
    const near: number[] = [];
    graph.lists.forEach(cover, Number.POSITIVE_INFINITY, (face) => near.push(face));
    expect(near).not.toEqual([]);
    expect(await removed).toBe(1);
    expect(await library.similar(cover)).not.toEqual([]);
    await expectStored(session);
  });

  test('leave the neighbour graph if they show no face', async () => {
    await using library = await filled();
    await library.add([photo('e', [])]);
    await library.regroup();
    const { store, meta } = sessionOf(library);
    await library.remove([await idOf(library, 'e')]);
    expect(await store.count('graph')).toBe(1);
    expect(sessionOf(library).meta.graphed).toBe(meta.graphed);
  });

  test('stay if the call is aborted, or is given no list', async () => {
    await using library = await filled();
    const id = await idOf(library, 'a');
    await expect(library.remove([id], { signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow('stopped');
    expect(await errorCodeOf(library.remove(id as never))).toBe('option-invalid');
    expect(await library.counts()).toMatchObject({ photos: 4, faces: 6 });
    await expectStored(sessionOf(library));
  });
});

describe('a graph that is read while photos are removed', () => {
  const meta = () => ({ rule, graphed: 0 }) as MetaRow;
  const rowOf = (number: number) => ({ number, embedding: new Float32Array(rule.dimension) }) as FaceRow;

  /** A store that has more faces at each reading, until it is told to end. */
  function endlessStore() {
    const store = memoryStore();
    let isEndless = true;
    const reads = vi.fn(async (table: string, { from = 0 }: { from?: number } = {}) => {
      if (table === 'graph') return [];
      const end = isEndless ? from + 50 : 3;
      return Array.from({ length: Math.max(0, end - from) }, (_, i) => rowOf(from + i));
    });
    return { store: { ...store, list: reads as unknown as Store['list'] }, reads, end: () => (isEndless = false) };
  }

  test('is read again from the beginning, and no removal waits for it', async () => {
    const { store, reads, end } = endlessStore();
    const graph = new LibraryGraph(store);
    const loading = graph.load(meta);
    await vi.waitFor(() => expect(reads.mock.calls.length).toBeGreaterThan(2));
    end();
    await graph.reset();
    expect((await loading).size).toBe(3);
  });

  test('is read by regroup() before it changes anything: corrections and removals do not wait', async () => {
    await using library = await filled();
    await library.remove([await idOf(library, 'd')]);
    const session = sessionOf(library);
    let read = () => {};
    const waiting = new Promise<void>((resolve) => {
      read = resolve;
    });
    const { graph } = session;
    vi.spyOn(session, 'graph').mockImplementationOnce(async (signal) => {
      await waiting;
      return graph.call(session, signal);
    });
    const grouping = library.regroup();
    await library.name(library.people().items[1]?.number as number, 'Bob');
    expect(await library.remove([await idOf(library, 'b')])).toBe(1);
    read();
    await grouping;
    expect(library.people().items).toMatchObject([
      { name: 'Ada', faces: 2 },
      { name: 'Bob', faces: 1 },
    ]);
    await expectStored(session);
  });

  test('is not read again by a call that was aborted', async () => {
    const { store, reads } = endlessStore();
    const graph = new LibraryGraph(store);
    const controller = new AbortController();
    const loading = graph.load(meta, controller.signal);
    await vi.waitFor(() => expect(reads.mock.calls.length).toBeGreaterThan(2));
    controller.abort(new Error('stopped'));
    const reset = graph.reset();
    await expect(loading).rejects.toThrow('stopped');
    await reset;
    expect(graph.isLoaded(0)).toBe(false);
  });
});
