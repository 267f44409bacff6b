import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Library, type LibraryFaceNet } from '../../../lib/library/index.ts';
import type { Change, Store } from '../../../lib/library/storage/store.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';

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

beforeEach(() => {
  stored.store = undefined;
  stubImages();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** Adds files in a page that ends while it searches a photo, again and again. @returns how often it ended. */
async function addUntilPageLives(files: () => File[], detector?: string): Promise<number> {
  let ends = 0;
  for (; ends < 9; ends++) {
    const facenet = new CountingFaceNet('mobilefacenet', detector ? { detector } : {});
    const library = await open(facenet);
    const hasEnded = new Promise<boolean>((resolve) => {
      facenet.embed = (() => {
        resolve(true);
        return new Promise(() => {});
      }) as unknown as LibraryFaceNet['embed'];
    });
    if (!(await Promise.race([hasEnded, library.add(files()).then(() => false)]))) break;
  }
  return ends;
}

describe('a file that ends the page', () => {
  const failed = async () => {
    await using library = await open(new CountingFaceNet());
    return (await library.files('failed')).items;
  };

  test('fails after five times, also if each page adds it again', async () => {
    expect(await addUntilPageLives(() => [photo('a', [0])])).toBe(5);
    expect(await failed()).toMatchObject([{ path: 'a', reason: { code: 'worker-lost' } }]);
  });

  test('is not tried again until it changes, or other models are in use', async () => {
    const path = 'album/a';
    const add = (detector?: string, modified = 1) =>
      addUntilPageLives(() => [Object.assign(photo('a', [0], { modified }), { webkitRelativePath: path })], detector);
    expect(await add()).toBe(5);
    expect(await add()).toBe(0);
    expect(await failed()).toHaveLength(1);
    expect(await add('mtcnn')).toBe(5);
    expect(await add('mtcnn', 2)).toBe(5);
    expect(await failed()).toHaveLength(1);
  });
});

test('a file that is added again while it waits is not written again', async () => {
  await using library = await open(new CountingFaceNet());
  const controller = new AbortController();
  const onProgress = () => controller.abort(new Error('stopped'));
  const adding = library.add([photo('a', [0])], { signal: controller.signal, onProgress });
  await expect(adding).rejects.toThrow('stopped');
  const store = stored.store as Store;
  const { commit } = store;
  const changes: Change[] = [];
  store.commit = (change) => {
    changes.push(change);
    return commit(change);
  };
  await library.add([photo('a', [0])]);
  expect(await library.counts()).toMatchObject({ files: 1, photos: 1, waiting: 0 });
  // The attempt, and the result.
  const written = changes.flatMap(({ files }) => files?.put ?? []);
  expect(written.map(({ attempts, state }) => [attempts, state])).toEqual([
    [1, 'waiting'],
    [1, 'done'],
  ]);
});
