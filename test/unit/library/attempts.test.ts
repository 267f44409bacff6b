import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FaceNetError } from '../../../lib/core/errors.ts';
import { Library, type LibraryFaceNet } from '../../../lib/library/index.ts';
import type { Change, Store } from '../../../lib/library/storage/store.ts';
import { errorCodeOf } from '../../support/error-code.ts';
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

const bug = () => new TypeError('a bug');
const noBackend = (cause?: unknown) => new FaceNetError('backend-unavailable', 'There is no worker.', { cause });
const lost = () => new FaceNetError('worker-lost', 'The worker stopped.');

/** A FaceNet that fails for photos of person 7. */
class FailingFaceNet extends CountingFaceNet {
  constructor(error: () => Error) {
    super();
    const { embed } = this;
    this.embed = (async (...parameters: Parameters<typeof embed>) => {
      const { faces } = parameters[0] as unknown as { faces: { person: number }[] };
      if (faces.some(({ person }) => person === 7)) throw error();
      return embed(...parameters);
    }) as typeof embed;
  }
}

describe('an attempt', () => {
  test.each([
    ['a bug', bug],
    ['a FaceNet without a worker', noBackend],
    ['a full disk', () => new FaceNetError('storage-full', 'The disk is full.')],
  ])('does not count after %s', async (_, error) => {
    await using library = await open(new FailingFaceNet(error));
    for (let i = 0; i < 6; i++) await expect(library.add([photo('a', [7])])).rejects.toThrow(error().message);
    expect((await library.files('waiting')).items).toMatchObject([{ path: 'a', attempts: 0 }]);
  });

  test('counts if the photo ends the worker and the one that replaces it', async () => {
    await using library = await open(new FailingFaceNet(() => noBackend(lost())));
    const files = () => [photo('a', [7]), photo('b', [0])];
    for (let i = 0; i < 5; i++) await expect(library.add(files())).rejects.toThrow('There is no worker.');
    await library.add(files());
    expect((await library.files('failed')).items).toMatchObject([
      { path: 'a', attempts: 5, reason: { code: 'worker-lost' } },
    ]);
    expect(await library.counts()).toMatchObject({ photos: 1, waiting: 0 });
  });

  test('is made alone after another one may have ended the worker', async () => {
    const facenet = new FailingFaceNet(lost);
    const { embed } = facenet;
    let [inUse, neighbours] = [0, 0];
    facenet.embed = (async (...parameters: Parameters<typeof embed>) => {
      const { faces } = parameters[0] as unknown as { faces: { person: number }[] };
      inUse++;
      await new Promise((resolve) => setTimeout(resolve));
      if (faces[0]?.person === 7) neighbours += inUse - 1;
      return embed(...parameters).finally(() => inUse--);
    }) as typeof embed;
    await using library = await open(facenet);
    await library.add(Array.from({ length: 16 }, (_, i) => photo(`${i}`, [i === 3 || i === 4 ? 7 : 0])));
    expect(await library.counts()).toMatchObject({ photos: 14, failed: 2, waiting: 0 });
    // Those of the first attempts.
    expect(neighbours).toBeLessThanOrEqual(2);
    expect((await library.files('failed')).items).toMatchObject([{ attempts: 5 }, { attempts: 5 }]);
  });
});

test('close() stops a running add(), and counts no attempt', async () => {
  let begin = () => {};
  const facenet = new CountingFaceNet();
  facenet.embed = ((_: unknown, { signal }: { signal: AbortSignal }) => {
    begin();
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  }) as unknown as LibraryFaceNet['embed'];
  for (let stop = 0; stop < 6; stop++) {
    const hasBegun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const library = await open(facenet);
    const code = errorCodeOf(library.add([photo('a', [0])]));
    await hasBegun;
    await library.close();
    expect(await code).toBe('disposed');
  }
  await using library = await open(new CountingFaceNet());
  expect((await library.files('waiting')).items).toMatchObject([{ path: 'a', attempts: 0 }]);
});

describe('a file that ends the page', () => {
  const failed = async () => {
    await using library = await open(new CountingFaceNet());
    return (await library.files('failed')).items;
  };

  test('fails after five times, also if each page adds it again', async () => {
    expect(await addUntilPageLives(() => [photo('a', [0])])).toBe(5);
    expect(await failed()).toMatchObject([{ path: 'a', attempts: 5, reason: { code: 'worker-lost' } }]);
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

describe('a photo that cannot be decoded', () => {
  /** Lets decoding of files fail, as when memory is short. @param fails decides by the name and how often it was decoded before. */
  function failDecoding(fails: (name: string, before: number) => boolean) {
    const decode = createImageBitmap as (...parameters: unknown[]) => Promise<ImageBitmap>;
    const decoded: string[] = [];
    let inUse = 0;
    let neighbours = 0;
    vi.stubGlobal('createImageBitmap', async (...parameters: [Blob, ...unknown[]]) => {
      if (!(parameters[0] instanceof Blob)) return decode(...parameters);
      const { name } = JSON.parse(await parameters[0].text());
      const before = decoded.filter((each) => each === name).length;
      decoded.push(name);
      inUse++;
      await new Promise((resolve) => setTimeout(resolve));
      inUse--;
      if (before > 0) neighbours += inUse;
      if (fails(name, before)) throw new DOMException('The source image could not be decoded.', 'InvalidStateError');
      return decode(...parameters);
    });
    return { decoded, neighbours: () => neighbours };
  }

  test('once is decoded again, alone', async () => {
    const { decoded, neighbours } = failDecoding((name, before) => name === 'a' && before === 0);
    await using library = await open(new CountingFaceNet());
    const progress: unknown[] = [];
    await library.add(
      ['a', 'b', 'c'].map((name, person) => photo(name, [person])),
      { onProgress: ({ done, failed, total }) => progress.push([done, failed, total]) },
    );
    expect(await library.counts()).toMatchObject({ photos: 3, failed: 0, waiting: 0 });
    expect((await library.files('done')).items.map(({ attempts }) => attempts)).toEqual([0, 0, 0]);
    expect(decoded.filter((name) => name === 'a')).toHaveLength(2);
    expect(neighbours()).toBe(0);
    expect(progress.at(-1)).toEqual([3, 0, 3]);
  });

  test('keeps its stored copy for the second time, also after a reload', async () => {
    const controller = new AbortController();
    failDecoding((_, before) => {
      if (before === 1) controller.abort(new Error('stopped'));
      return before < 2;
    });
    const library = await open(new CountingFaceNet());
    const adding = library.add([photo('a', [0])], { signal: controller.signal });
    await expect(adding).rejects.toThrow('stopped');
    expect((await library.files('waiting')).items).toMatchObject([{ path: 'a', attempts: 1 }]);
    await library.close();
    await using again = await open(new CountingFaceNet());
    await again.resume();
    expect(await again.counts()).toMatchObject({ photos: 1, waiting: 0, failed: 0 });
  });

  test('twice fails with its reason, also if no file can be decoded', async () => {
    const { decoded } = failDecoding(() => true);
    await using library = await open(new CountingFaceNet());
    const names = Array.from({ length: 20 }, (_, i) => `${i}`);
    const progress: unknown[] = [];
    await library.add(
      names.map((name) => photo(name, [0])),
      { onProgress: ({ done, failed, total }) => progress.push([done, failed, total]) },
    );
    const { items } = await library.files('failed');
    const reason = { code: 'image-unreadable' };
    expect(items).toMatchObject(names.map((path) => ({ path, attempts: 2, reason })));
    expect(decoded.sort()).toEqual([...names, ...names].sort());
    expect(progress.at(-1)).toEqual([0, 20, 20]);
    const rows = await (stored.store as Store).list('files');
    expect(rows.filter(({ source }) => source)).toEqual([]);
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
    [0, 'done'],
  ]);
});
