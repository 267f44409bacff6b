import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Library, type LibraryFaceNet } from '../../../lib/library/index.ts';
import type { Change, Store } from '../../../lib/library/storage/store.ts';
import { exportedFaces } from './exported-faces.ts';
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

function open(facenet: LibraryFaceNet): Promise<Library> {
  return Library.open({ name: 'test', facenet, storage: 'memory', previews: 0 });
}

/** Lets the page end with the first change of a kind: that change and all later ones are not stored, and their calls wait for ever. */
async function untilPageEnds(isLast: (change: Change) => boolean, run: () => Promise<unknown>): Promise<void> {
  const store = stored.store as Store;
  const { commit } = store;
  await new Promise<void>((resolve, reject) => {
    let hasEnded = false;
    store.commit = async (change) => {
      hasEnded ||= isLast(change);
      if (!hasEnded) return commit(change);
      resolve();
      return new Promise(() => {});
    };
    run().then(() => reject(new Error('The page did not end.')), reject);
  });
  store.commit = commit;
}

beforeEach(() => {
  stored.store = undefined;
  stubImages();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const people = (library: Library) => library.people().items.map(({ faces }) => faces);

describe('a page that ends', () => {
  const photos = () => [photo('a', [0, 1]), photo('b', [0]), photo('c', [0, 2])];

  test('after the last file and before its faces are grouped, leaves them to resume()', async () => {
    const first = await open(new CountingFaceNet());
    await untilPageEnds(
      ({ columns, files }) => !files && (columns?.put?.length ?? 0) > 0,
      () => first.add(photos()),
    );
    await using library = await open(new CountingFaceNet());
    expect(await library.counts()).toMatchObject({ photos: 3, faces: 5, waiting: 0 });
    expect(people(library)).toEqual([]);
    expect(library.grouped).toBe(false);
    await library.resume();
    expect(people(library)).toEqual([3, 1, 1]);
    expect(library.grouped).toBe(true);
  });

  test('before all faces are grouped by a new embedder, leaves it to update()', async () => {
    const first = await open(new CountingFaceNet());
    await first.add(photos());
    expect(first.grouped).toBe(true);
    const renamed = await open(new CountingFaceNet('dlib-resnet-34'));
    const isGrouping = ({ meta }: Change) =>
      meta?.put?.some(({ rule, grouped }) => rule.model === 'dlib-resnet-34' && grouped > 0) === true;
    await untilPageEnds(isGrouping, () => renamed.update());
    await using library = await open(new CountingFaceNet('dlib-resnet-34'));
    expect(library.outdated).toBe(true);
    expect(library.grouped).toBe(false);
    await library.update();
    expect(library.grouped).toBe(true);
    expect(people(library)).toEqual([3, 1, 1]);
  });

  test('while photos are added, leaves the neighbour graph of earlier ones', { timeout: 60_000 }, async () => {
    const first = await open(new CountingFaceNet());
    const files = Array.from({ length: 120 }, (_, i) => photo(`${i}`, [0, 1, 2, 3, 4]));
    let indexed = 0;
    await untilPageEnds(
      ({ photos }) => (photos?.put ? ++indexed > 110 : false),
      () => first.add(files),
    );
    const { get, list } = stored.store as Store;
    const { graphed = 0, next } = (await get('meta', 'library')) ?? {};
    expect(next?.face).toBe(550);
    expect(graphed).toBeGreaterThanOrEqual(500);
    expect((await list('graph')).reduce((sum, { levels }) => sum + levels.length, 0)).toBe(graphed);
    await using library = await open(new CountingFaceNet());
    await library.resume();
    expect(people(library)).toEqual([120, 120, 120, 120, 120]);
  });

  test('while photos are indexed again, leaves the neighbour graph of earlier ones', { timeout: 60_000 }, async () => {
    const files = Array.from({ length: 120 }, (_, i) => photo(`${i}`, [0, 1, 2, 3, 4]));
    const first = await open(new CountingFaceNet());
    await first.add(files);
    await first.close();
    const second = await open(new CountingFaceNet('mobilefacenet', { detector: 'mtcnn' }));
    let indexed = 0;
    await untilPageEnds(
      ({ photos }) => (photos?.put ? ++indexed > 110 : false),
      () => second.add(files),
    );
    const { graphed, next, relinked } = (await (stored.store as Store).get('meta', 'library')) ?? {};
    expect(next?.face).toBe(600);
    expect(graphed).toBe(600);
    expect(relinked?.length).toBeGreaterThan(0);
    expect(relinked?.length).toBeLessThanOrEqual(100);
  });
});

test('an abort while many faces get their people leaves them to resume()', async () => {
  const facenet = new CountingFaceNet();
  await using library = await open(facenet);
  await library.import(exportedFaces(facenet, 600, 6));
  const session = sessionOf(library);
  const { place } = session;
  const controller = new AbortController();
  session.place = (...parameters) => {
    controller.abort(new Error('stopped'));
    return place.apply(session, parameters);
  };
  await expect(library.resume({ signal: controller.signal })).rejects.toThrow('stopped');
  // A change that waits for those before it.
  await library.undo();
  expect(people(library)).toEqual([]);
  expect(library.grouped).toBe(false);
  session.place = place;
  await library.resume();
  expect(people(library)).toEqual([100, 100, 100, 100, 100, 100]);
  expect(library.grouped).toBe(true);
  await expectStored(session);
});

test('an abort ends add() while a file does not arrive, and the file waits', async () => {
  await using library = await open(new CountingFaceNet());
  const file = photo('a', [0]);
  const controller = new AbortController();
  const read = new Promise<void>((resolve) => {
    file.arrayBuffer = () => {
      resolve();
      return new Promise(() => {});
    };
  });
  const adding = library.add([file], { signal: controller.signal });
  await read;
  controller.abort('stop');
  await expect(adding).rejects.toBe('stop');
  expect((await library.files('waiting')).items).toMatchObject([{ path: 'a', attempts: 0 }]);
});
