import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FaceNetError } from '../../../lib/core/errors.ts';
import type { ConditionalCalibration } from '../../../lib/core/types.ts';
import type { LibraryFaceNet, LibraryOptions, LibraryPerson } from '../../../lib/library/index.ts';
import { Library } from '../../../lib/library/index.ts';
import { LibraryGraph } from '../../../lib/library/session/library-graph.ts';
import type { LibrarySession } from '../../../lib/library/session/session.ts';
import { memoryStore } from '../../../lib/library/storage/memory.ts';
import type { Store } from '../../../lib/library/storage/store.ts';
import { handleOf } from '../../../lib/library/storage/tables.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { rule } from './embeddings.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';
import { sessionOf } from './stored-state.ts';

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** A handle whose file can be replaced; without a file it cannot be opened. Its copies in a store are of the same entry. */
class FakeHandle {
  static #count = 0;
  static readonly #files = new Map<number, File | undefined>();
  readonly kind = 'file';
  readonly id = FakeHandle.#count++;
  readonly name: string;

  constructor(name: string, file: File | undefined) {
    this.name = name;
    this.file = file;
  }

  set file(file: File | undefined) {
    FakeHandle.#files.set(this.id, file);
  }

  async getFile(): Promise<File> {
    const file = FakeHandle.#files.get(this.id);
    if (!file) throw new DOMException('It is gone.', 'NotFoundError');
    return file;
  }

  async isSameEntry(other: { id: number }): Promise<boolean> {
    return other.id === this.id;
  }
}

/** @param error why it cannot be listed to its end. */
function fakeFolder(name: string, entries: readonly object[], error?: DOMException): FileSystemDirectoryHandle {
  return {
    kind: 'directory',
    name,
    async *values() {
      yield* entries;
      if (error) throw error;
    },
  } as unknown as FileSystemDirectoryHandle;
}

/** As a file of an iframe: its classes are not those of this realm, and their getters work for it. */
function ofAnotherRealm(file: File): File {
  const getters = {
    ...Object.getOwnPropertyDescriptors(Blob.prototype),
    ...Object.getOwnPropertyDescriptors(File.prototype),
  };
  return Object.setPrototypeOf(file, Object.create(Object.prototype, getters));
}

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

const paths = async (library: Library, person: number) =>
  (await library.photosOf(person)).items.map(({ path }) => path).sort();

describe('files', () => {
  test('that did not change are not read again, and those of another detector are', async () => {
    const facenet = new CountingFaceNet();
    await using library = await open(facenet);
    await library.add([photo('a', [0]), photo('b', [0, 1])]);
    await library.add([photo('a', [0]), photo('b', [0, 1])]);
    expect(facenet.searched).toBe(2);
    const [ada] = library.people().items;
    await library.name(ada?.number as number, 'Ada');
    await library.close();

    const other = new CountingFaceNet('mobilefacenet', { detector: 'mtcnn' });
    await using again = await open(other);
    expect(again.outdated).toBe(false);
    await again.add([photo('a', [0]), photo('b', [0, 1])]);
    expect(other.searched).toBe(2);
    expect(await again.counts()).toMatchObject({ photos: 2, files: 2, waiting: 0 });
    const [kept] = again.people().items;
    expect(kept).toMatchObject({ name: 'Ada', photos: 2 });
  });

  test.each([
    ['detector', ['11', '02']],
    ['landmarker', ['01', '12']],
  ])('are read again if the weights of the %s have changed, whose name has not', async (_, detectionFiles) => {
    const add = async (files: string[]) => {
      const facenet = new CountingFaceNet('mobilefacenet', { detectionFiles: files });
      await using library = await open(facenet);
      await library.add([photo('a', [0]), photo('b', [0, 1])]);
      expect(await library.counts()).toMatchObject({ photos: 2, files: 2, faces: 3, waiting: 0 });
      return facenet.searched;
    };
    expect(await add(['01', '02'])).toBe(2);
    expect(await add(['01', '02'])).toBe(0);
    expect(await add(detectionFiles)).toBe(2);
    expect(await add(detectionFiles)).toBe(0);
    // A FaceNet of the caller's may not know its files.
    expect(await add([])).toBe(0);
    // Earlier builds noted the options, or neither these nor the files.
    const store = stored.store as Store;
    for (const words of [5, 4]) {
      const photos = await store.list('photos');
      const earlier = photos.map((row) => ({ ...row, key: row.key.split(' ').slice(0, words).join(' ') }));
      await store.commit({ photos: { put: earlier } });
      expect(await add(['01', '02'])).toBe(0);
    }
    expect((await store.list('photos'))[0]?.key).toBe('1 blazeface mesh mobilefacenet');
  });

  test('are read again if faces are searched for with other options', async () => {
    const add = async (detect: LibraryOptions['detect'] & object) => {
      const facenet = new CountingFaceNet();
      await using library = await Library.open({ name: 'test', facenet, storage: 'memory', previews: 0, detect });
      await library.add([photo('a', [0]), photo('b', [0, 1])]);
      expect(await library.counts()).toMatchObject({ photos: 2, files: 2, faces: 3, waiting: 0 });
      return facenet.searched;
    };
    expect(await add({})).toBe(2);
    expect(await add({ thorough: false, minSize: 20 })).toBe(2);
    expect(await add({ minSize: 20, thorough: false })).toBe(0);
    expect(await add({})).toBe(2);
    // Earlier builds noted neither the options nor the files.
    const store = stored.store as Store;
    const photos = await store.list('photos');
    await store.commit({ photos: { put: photos.map((row) => ({ ...row, key: row.key.replace(/ \{.*/, '') })) } });
    expect(await add({ minSize: 20 })).toBe(0);
  });

  test('that an update embedded again are not read again', async () => {
    const detect = { thorough: false };
    const options = { name: 'test', storage: 'memory', previews: 0, detect } as const;
    await using first = await Library.open({ ...options, facenet: new CountingFaceNet() });
    await first.add([photo('a', [0])]);
    await first.close();
    const facenet = new CountingFaceNet('dlib-resnet-34');
    await using library = await Library.open({ ...options, facenet });
    await library.update();
    await library.add([photo('a', [0])]);
    expect(facenet.searched).toBe(0);
  });

  test('that changed are indexed again, and the faces at the same places keep their people', async () => {
    const facenet = new CountingFaceNet();
    await using library = await open(facenet);
    const path = 'album/a';
    await library.add([{ path, file: photo('a', [0, 1]) }, photo('b', [0])]);
    const ada = library.people().items[0]?.number as number;
    await library.name(ada, 'Ada');
    const [stranger] = library.people().items.filter(({ number }) => number !== ada);
    await library.merge(ada, stranger?.number as number);
    await library.add([{ path, file: photo('a', [0, 1], { modified: 2, note: 'brighter' }) }]);
    expect(facenet.searched).toBe(3);
    expect(await library.counts()).toMatchObject({ photos: 2, files: 2 });
    // The faces that were replaced do not count.
    expect(await library.counts()).toMatchObject({ faces: 3 });
    const progress: number[] = [];
    await library.resume({ onProgress: ({ faces }) => progress.push(faces) });
    expect(progress.at(-1)).toBe(3);
    // The correction holds for the new faces of the changed photo: both are Ada.
    expect(library.people().items).toMatchObject([{ name: 'Ada', faces: 3, photos: 2 }]);
  });

  test('that took the contents of a photo of another detector leave no photo behind', async () => {
    await using library = await open(new CountingFaceNet());
    await library.add([{ path: 'album/a', file: photo('a', [0]) }]);
    await library.add([{ path: 'album/b', file: photo('b', [1, 2]) }]);
    await library.close();
    await using again = await open(new CountingFaceNet('mobilefacenet', { detector: 'mtcnn' }));
    await again.add([{ path: 'album/a', file: photo('b', [1, 2]) }]);
    expect(await again.counts()).toMatchObject({ files: 2, photos: 1, waiting: 0 });
    expect(again.people().items.map(({ faces }) => faces)).toEqual([1, 1]);
  });

  test('that swap their contents keep a photo each', async () => {
    await using library = await open(new CountingFaceNet());
    const files = (a: string, b: string) =>
      [a, b].map((name, i) => ({ path: `album/${i}`, file: photo(name, [name.length], { modified: Number(a > b) }) }));
    await library.add(files('a', 'bb'));
    const bothAreSought = deferred();
    const store = stored.store as Store;
    const { list } = store;
    let searches = 0;
    store.list = async (table, options) => {
      const rows = await list(table, options);
      if (options?.by === 'id' && ++searches === 2) bothAreSought.resolve();
      if (options?.by === 'id') await bothAreSought.promise;
      return rows;
    };
    await library.add(files('bb', 'a'));
    expect(await library.counts()).toMatchObject({ files: 2, photos: 2, waiting: 0, failed: 0 });
    const { items } = await library.files('done');
    const { items: photos } = await library.photos();
    expect(items.map(({ photo }) => photo).sort()).toEqual(photos.map(({ id }) => id).sort());
    await library.regroup();
    expect(library.people().items).toMatchObject([{ faces: 1 }, { faces: 1 }]);
  });

  test('of a list are all registered if add() is aborted, and resumed', async () => {
    const facenet = new CountingFaceNet();
    await using library = await open(facenet);
    const controller = new AbortController();
    const files = Array.from({ length: 130 }, (_, i) => photo(`${i}`, [i % 3]));
    const adding = library.add(files, {
      signal: controller.signal,
      onProgress: ({ done }) => done > 2 && controller.abort(new Error('stopped')),
    });
    await expect(adding).rejects.toThrow('stopped');
    expect(facenet.searched).toBeLessThan(130);
    await library.resume();
    expect(await library.counts()).toMatchObject({ photos: 130, files: 130, waiting: 0 });
    expect(facenet.searched).toBeLessThan(134);
  });
});

describe('open()', () => {
  test('closes the store if the library cannot be read', async () => {
    const close = vi.fn();
    stored.store = { ...memoryStore(), close, get: () => Promise.reject(new FaceNetError('storage-unavailable', 'x')) };
    expect(await errorCodeOf(open(new CountingFaceNet()))).toBe('storage-unavailable');
    expect(close).toHaveBeenCalledOnce();
  });

  test('closes the store if it is aborted', async () => {
    const close = vi.fn();
    const controller = new AbortController();
    const { promise: read, resolve } = deferred();
    stored.store = { ...memoryStore(), close, get: () => read };
    const { signal } = controller;
    const opening = Library.open({ name: 'test', facenet: new CountingFaceNet(), storage: 'memory', signal });
    controller.abort(new Error('stopped'));
    await expect(opening).rejects.toThrow('stopped');
    expect(close).toHaveBeenCalledOnce();
    resolve();
  });
});

test('an answer concerns two people of the library', async () => {
  await using library = await open(new CountingFaceNet());
  await library.add([photo('a', [0, 1])]);
  const [a, b] = library.people().items.map(({ number }) => number) as [number, number];
  for (const answer of ['same', 'different', 'unsure'] as const) {
    for (const [people, code] of [
      [[a, a], 'option-invalid'],
      [[a, 99], 'library-unknown'],
    ] as const) {
      const question = { people: [...people] as [number, number], faces: [[], []] as [[], []], probability: 0.5 };
      expect(await errorCodeOf(library.answer(question, answer))).toBe(code);
    }
  }
  await library.answer({ people: [a, b], faces: [[], []], probability: 0.5 }, 'unsure');
  expect(await library.undoable()).toBe('answer unsure');
});

test('an answer about faces that are of another person now is refused', async () => {
  await using library = await open(new CountingFaceNet());
  await library.add([photo('a', [0]), photo('b', [0]), photo('c', [1])]);
  const [a, b] = library.people().items.map(({ number }) => number) as [number, number];
  const faces = [library.facesOf(a), library.facesOf(b)] as [number[], number[]];
  const question = { people: [a, b] as [number, number], faces, probability: 0.5 };
  await library.split(faces[0][0] as number);
  for (const answer of ['same', 'different', 'unsure'] as const) {
    expect(await errorCodeOf(library.answer(question, answer))).toBe('library-unknown');
  }
  expect(await library.undoable()).toBe('split');
  expect(library.people().items).toHaveLength(3);
  await library.undo();
  await library.answer(question, 'same');
  expect(library.people().items).toMatchObject([{ faces: 3 }]);
});

test('personOf() tells the person of every face, also after a change', async () => {
  await using library = await open(new CountingFaceNet());
  await library.add([photo('a', [0]), photo('b', [0, 1])]);
  const check = () => {
    for (const { number } of library.people().items)
      for (const face of library.facesOf(number)) expect(library.personOf(face)).toBe(number);
  };
  check();
  const [{ cover }] = library.people().items as [LibraryPerson];
  const split = await library.split(cover);
  expect(library.personOf(cover)).toBe(split);
  check();
  await library.notAFace(cover);
  const none = [cover, -1, 0.5, 3, Number.NaN];
  expect(none.map((face) => library.personOf(face))).toEqual(none.map(() => undefined));
});

describe('files of one name', () => {
  const name = 'IMG_0001.jpg';

  test('are different photos if nothing says that they are one file', async () => {
    await using library = await open(new CountingFaceNet());
    await library.add([photo(name, [0])]);
    const ada = library.people().items[0]?.number as number;
    await library.name(ada, 'Ada');
    await library.add([photo(name, [1], { modified: 2 }), { path: name, file: photo(name, [2], { modified: 3 }) }]);
    expect(await library.counts()).toMatchObject({ files: 3, photos: 3 });
    expect(library.person(ada)).toMatchObject({ name: 'Ada', photos: 1 });
    // Each of them is known.
    await library.add([photo(name, [1], { modified: 2 }), photo(name, [0])]);
    expect(await library.counts()).toMatchObject({ files: 3, photos: 3 });
  });

  test('are one file if its handle or its path in a folder is the same', async () => {
    await using library = await open(new CountingFaceNet());
    const [first, other] = [new FakeHandle(name, photo(name, [0])), new FakeHandle(name, photo(name, [1]))];
    await library.add([first, other] as never);
    await library.add([fakeFolder('DCIM', [first]), fakeFolder('DCIM', [other])]);
    expect(await library.counts()).toMatchObject({ files: 4, photos: 2 });
    first.file = photo(name, [2], { modified: 2 });
    await library.add([first] as never);
    await library.add([fakeFolder('DCIM', [first])]);
    expect(await library.counts()).toMatchObject({ files: 4, photos: 2 });
    expect((await library.photos()).items.flatMap(({ faces }) => faces)).toHaveLength(2);
    await library.add([{ path: 'other/a', file: photo('a', [0]) }]);
    await library.add([{ path: 'other/a', file: photo('a', [0], { modified: 2, note: 'brighter' }) }]);
    expect(await library.counts()).toMatchObject({ files: 5, photos: 3 });
  });

  test('replace one that failed and cannot be read again', async () => {
    await using library = await open(new CountingFaceNet());
    await library.add([new File(['damaged'], name, { type: 'image/jpeg', lastModified: 1 })]);
    expect(await library.counts()).toMatchObject({ files: 1, failed: 1 });
    await library.add([photo(name, [0], { modified: 2 })]);
    expect(await library.counts()).toMatchObject({ files: 1, photos: 1, failed: 0 });
  });
});

describe('a folder', () => {
  test('is registered although a file in it cannot be opened', async () => {
    await using library = await open(new CountingFaceNet());
    const broken = new FakeHandle('broken.jpg', undefined);
    const text = new FakeHandle('notes.txt', undefined);
    const folder = fakeFolder('album', [broken, text, new FakeHandle('a.jpg', photo('a.jpg', [0]))]);
    await library.add([folder]);
    await library.add([folder]);
    expect(await library.counts()).toMatchObject({ files: 2, photos: 1, failed: 1 });
    const [failed] = (await library.files('failed')).items;
    expect(failed).toMatchObject({ path: 'album/broken.jpg', attempts: 2, reason: { code: 'image-unreadable' } });
    broken.file = photo('broken.jpg', [0]);
    await library.add([folder]);
    expect(await library.counts()).toMatchObject({ files: 2, photos: 2, failed: 0 });
    // An indexed photo stays.
    broken.file = undefined;
    await library.add([folder]);
    expect(await library.counts()).toMatchObject({ files: 2, photos: 2, failed: 0 });
  });

  test('is registered although a folder in it cannot be listed', async () => {
    await using library = await open(new CountingFaceNet());
    const broken = fakeFolder('broken', [], new DOMException('It is gone.', 'NotFoundError'));
    const folder = fakeFolder('album', [broken, new FakeHandle('a.jpg', photo('a.jpg', [0]))]);
    await expect(library.add([folder])).rejects.toThrow('album/broken/ could not be listed (NotFoundError)');
    expect(await library.counts()).toMatchObject({ files: 1, photos: 1 });
  });
});

test('similar() lists as many faces as it was asked for, although nearer ones are no faces', async () => {
  await using library = await open(new CountingFaceNet());
  await library.add(Array.from({ length: 30 }, (_, i) => photo(`${i}`, [0])));
  const near = await library.similar(0, { limit: 12 });
  await library.notAFace(...near.map(({ face }) => face));
  const found = await library.similar(0, { limit: 12 });
  expect(found).toHaveLength(12);
  const nearer = new Set(near.map(({ face }) => face));
  expect(found.some(({ face }) => nearer.has(face))).toBe(false);
  expect(await library.similar(0, { limit: 100 })).toHaveLength(17);
});

test('aborted calls that need the graph change nothing', async () => {
  await using library = await open(new CountingFaceNet());
  await library.add(Array.from({ length: 30 }, (_, i) => photo(`${i}`, [i % 3])));
  const before = library.people().items;
  const signal = AbortSignal.abort(new Error('stopped'));
  const [{ number, cover }] = before as [LibraryPerson];
  const options = { signal };
  for (const call of [
    () => library.similar(0, options),
    () => library.notSame(cover, number, options),
    () => library.regroup(options),
  ]) {
    await expect(call()).rejects.toThrow('stopped');
  }
  expect(library.people().items).toEqual(before);
  expect(await library.undoable()).toBeUndefined();
});

test('unknown options are refused, with the nearest name', async () => {
  await using library = await open(new CountingFaceNet());
  const limits = { limits: 5 } as object;
  for (const call of [
    () => library.photos(limits),
    () => library.similar(0, limits),
    () => library.questions(limits),
    () => library.update({ progress: () => {} } as object),
    () => library.export({ plain: true, password: 'x' } as object),
  ]) {
    expect(await errorCodeOf(call())).toBe('option-invalid');
  }
  expect(() => library.people({ limits: 5 } as object)).toThrow('did you mean "limit"?');
});

describe('add() while another call runs', () => {
  /** A folder that lists its files once it may. */
  function folder(name: string, files: readonly File[], ready: Promise<void>): FileSystemDirectoryHandle {
    return {
      kind: 'directory',
      name,
      async *values() {
        await ready;
        yield* files;
      },
    } as unknown as FileSystemDirectoryHandle;
  }

  test('rejects when its signal is aborted, and the other call continues', async () => {
    await using library = await open(new CountingFaceNet());
    const [first, second] = [deferred(), deferred()];
    const running = library.add([folder('first', [photo('a', [0])], first.promise)]);
    const controller = new AbortController();
    const adding = library.add([folder('second', [photo('b', [0])], second.promise)], { signal: controller.signal });
    controller.abort(new Error('stopped'));
    await expect(adding).rejects.toThrow('stopped');
    const aborted = library.add([photo('c', [0])], { signal: AbortSignal.abort(new Error('before')) });
    await expect(aborted).rejects.toThrow('before');
    first.resolve();
    await running;
    expect(await library.counts()).toMatchObject({ files: 1, photos: 1 });
    second.resolve();
    await library.resume();
    expect(await library.counts()).toMatchObject({ files: 2, photos: 2, waiting: 0 });
  });

  test('indexes its files itself if the other call ends before they are registered', async () => {
    await using library = await open(new CountingFaceNet());
    const ready = deferred();
    const running = library.add([photo('a', [0])]);
    const adding = library.add([folder('late', [photo('b', [0])], ready.promise)]);
    await running;
    expect(await library.counts()).toMatchObject({ files: 1, photos: 1 });
    ready.resolve();
    await adding;
    expect(await library.counts()).toMatchObject({ files: 2, photos: 2, waiting: 0 });
  });
});

describe('a sequence that waits for its next file', () => {
  test('is left when add() is aborted, and closed once it goes on', async () => {
    const facenet = new CountingFaceNet();
    await using library = await open(facenet);
    const [gate, closed] = [deferred(), deferred()];
    async function* waiting(): AsyncGenerator<File> {
      try {
        yield photo('a', [0]);
        await gate.promise;
        yield photo('late', [0]);
        yield photo('later', [0]);
      } finally {
        closed.resolve();
      }
    }
    const controller = new AbortController();
    const adding = library.add(waiting(), { signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 50));
    controller.abort(new Error('stopped'));
    await expect(adding).rejects.toThrow('stopped');
    await library.add([photo('b', [0])]);
    gate.resolve();
    await closed.promise;
    // The file that it gave before is registered.
    expect(await library.counts()).toMatchObject({ photos: 2, files: 2, waiting: 0 });
  });

  test('has the files that it gave indexed and grouped meanwhile', async () => {
    await using library = await open(new CountingFaceNet());
    const gate = deferred();
    async function* waiting(): AsyncGenerator<File> {
      for (const name of 'abc') yield photo(name, [0]);
      await gate.promise;
      yield photo('late', [1]);
    }
    const adding = library.add(waiting());
    await expect.poll(() => library.people().items, { timeout: 5000 }).toMatchObject([{ faces: 3 }]);
    expect(await library.counts()).toMatchObject({ photos: 3, files: 3, waiting: 0 });
    gate.resolve();
    await adding;
    expect(await library.counts()).toMatchObject({ photos: 4, files: 4, waiting: 0 });
  });

  test('of a call beside a failed one has its files indexed by the next call', async () => {
    const facenet = new CountingFaceNet();
    await using library = await open(facenet);
    const gate = deferred();
    async function* waiting(): AsyncGenerator<File> {
      await gate.promise;
      yield photo('late', [0]);
      await new Promise(() => {});
    }
    const controller = new AbortController();
    const first = library.add([photo('a', [0])], { signal: controller.signal });
    const second = library.add(waiting()).catch(() => {});
    controller.abort(new Error('stopped'));
    await expect(first).rejects.toThrow('stopped');
    const third = library.resume().catch(() => {});
    gate.resolve();
    await expect.poll(() => library.counts(), { timeout: 5000 }).toMatchObject({ photos: 2, waiting: 0 });
    await library.close();
    await Promise.all([second, third]);
  });
});

describe('add() that waits for another change at its end', () => {
  test.each([0, 1])('rejects when its signal is aborted (%i changes before)', async (before) => {
    await using library = await open(new CountingFaceNet());
    const { session } = library as unknown as { session: LibrarySession };
    const change = deferred();
    const controller = new AbortController();
    const exclusively = session.exclusively.bind(session);
    let waits = 0;
    // The first photo without a face is counted, and stored. Then the job asks whether it was the last, and groups the faces.
    session.exclusively = <T>(task: () => Promise<T>) => {
      if (counts.done === 1 && waits++ === before) {
        void exclusively(() => change.promise);
        setTimeout(() => controller.abort(new Error('stopped')), 20);
      }
      return exclusively(task);
    };
    let counts = { done: 0 };
    const onProgress = (progress: { done: number }) => {
      counts = progress;
    };
    const adding = library.add([photo('a', [])], { onProgress, signal: controller.signal });
    await expect(adding).rejects.toThrow('stopped');
    change.resolve();
    await library.resume();
    expect(await library.counts()).toMatchObject({ files: 1, photos: 1, waiting: 0 });
  });
});

describe('close() while files are registered', () => {
  test('registers all of a list, which the next library indexes', async () => {
    const library = await open(new CountingFaceNet());
    const files = Array.from({ length: 330 }, (_, i) => photo(`${i}`, [i % 3]));
    const adding = errorCodeOf(library.add(files));
    await library.close();
    expect(await adding).toBe('disposed');
    const facenet = new CountingFaceNet();
    await using again = await open(facenet);
    expect(await again.counts()).toMatchObject({ files: 330, failed: 0 });
    await again.resume();
    expect(await again.counts()).toMatchObject({ photos: 330, waiting: 0 });
  });

  test('registers the list of a call that runs beside another one', async () => {
    const library = await open(new CountingFaceNet());
    const first = library.add([photo('a', [0])]);
    const second = library.add(Array.from({ length: 230 }, (_, i) => photo(`${i}`, [i % 3])));
    const settled = Promise.allSettled([first, second]);
    await library.close();
    await settled;
    await using again = await open(new CountingFaceNet());
    expect(await again.counts()).toMatchObject({ files: 231 });
  });

  test('does not wait for a sequence, and registers none of its later files', async () => {
    const library = await open(new CountingFaceNet());
    const [gate, closed] = [deferred(), deferred()];
    async function* waiting(): AsyncGenerator<File> {
      try {
        yield photo('a', [0]);
        await gate.promise;
        yield photo('late', [0]);
      } finally {
        closed.resolve();
      }
    }
    const adding = Promise.all([errorCodeOf(library.add([])), errorCodeOf(library.add(waiting()))]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await library.close();
    expect(await adding).toContain('disposed');
    expect(await errorCodeOf(library.add([photo('b', [0])]))).toBe('disposed');
    gate.resolve();
    await closed.promise;
    await using again = await open(new CountingFaceNet());
    expect((await again.counts()).files).toBeLessThan(2);
  });
});

describe('close() after add() was aborted', () => {
  test('waits for its end, and counts no attempt', async () => {
    // An embedder that is busy until it is aborted.
    let begun = deferred();
    const facenet = new CountingFaceNet();
    facenet.embed = ((_: unknown, { signal }: { signal: AbortSignal }) => {
      begun.resolve();
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    }) as unknown as LibraryFaceNet['embed'];
    for (let stop = 0; stop < 6; stop++) {
      begun = deferred();
      const library = await open(facenet);
      const controller = new AbortController();
      const adding = library.add([photo('a', [0])], { signal: controller.signal });
      const rejection = expect(adding).rejects.toThrow('stopped');
      await begun.promise;
      controller.abort(new Error('stopped'));
      await library.close();
      await rejection;
    }
    await using library = await open(new CountingFaceNet());
    expect((await library.files('waiting')).items).toMatchObject([{ path: 'a', attempts: 0 }]);
  });
});

describe('add() that was aborted', () => {
  test('rejects with the reason also if the groups of its faces cannot be stored', async () => {
    await using library = await open(new CountingFaceNet());
    const controller = new AbortController();
    const { commit } = stored.store as Store;
    (stored.store as Store).commit = async (change) => {
      const isGrouping = !change.files && change.columns?.put?.length;
      if (isGrouping) throw new FaceNetError('storage-full', 'The disk is full.');
      await commit(change);
    };
    const onProgress = ({ done }: { done: number }) => done > 0 && controller.abort(new Error('stopped'));
    const files = Array.from({ length: 10 }, (_, i) => photo(`${i}`, [0]));
    await expect(library.add(files, { onProgress, signal: controller.signal })).rejects.toThrow('stopped');
    (stored.store as Store).commit = commit;
    await library.resume();
    expect(library.people().items).toMatchObject([{ faces: 10 }]);
  });
});

describe('onProgress', () => {
  test('is not called after add() was aborted', async () => {
    await using library = await open(new CountingFaceNet());
    const controller = new AbortController();
    let calls = 0;
    const onProgress = ({ done }: { done: number }) => {
      calls++;
      if (done > 0) controller.abort(new Error('stopped'));
    };
    // The first fifty files are a batch of their own.
    const files = Array.from({ length: 50 }, (_, i) => photo(`${i}`, [0]));
    const { promise: folderIsRead, resolve: readFolder } = deferred();
    const folder = {
      kind: 'directory',
      name: 'late',
      async *values() {
        await folderIsRead;
        yield photo('last', [0]);
      },
    } as unknown as FileSystemDirectoryHandle;
    const adding = library.add([...files, folder], { onProgress, signal: controller.signal });
    await expect(adding).rejects.toThrow('stopped');
    const before = calls;
    readFolder();
    await library.resume();
    expect(await library.counts()).toMatchObject({ files: 51, waiting: 0 });
    expect(calls).toBe(before);
  });
});

describe('files of another realm', () => {
  const foreign = () => ofAnotherRealm(photo('a', [0]));

  test('are files, and no handles', () => {
    expect(foreign() instanceof Blob).toBe(false);
    expect(handleOf(foreign())).toBeUndefined();
  });

  test('are read from their copies after a reload', async () => {
    const controller = new AbortController();
    const facenet = new CountingFaceNet();
    const first = await open(facenet);
    const onProgress = () => controller.abort(new Error('stopped'));
    await expect(first.add([foreign()], { onProgress, signal: controller.signal })).rejects.toThrow('stopped');
    expect(await first.counts()).toMatchObject({ waiting: 1 });
    await first.close();
    await using again = await open(facenet);
    await again.resume();
    expect(await again.counts()).toMatchObject({ photos: 1, waiting: 0, failed: 0 });
  });

  test('are indexed without copies while the disk is full', async () => {
    const facenet = new CountingFaceNet();
    await using library = await open(facenet);
    const { commit } = stored.store as Store;
    (stored.store as Store).commit = async (change) => {
      if (change.files?.put?.some(({ source }) => source)) throw new FaceNetError('storage-full', 'The disk is full.');
      await commit(change);
    };
    await library.add([foreign()]);
    expect(await library.counts()).toMatchObject({ photos: 1, waiting: 0, failed: 0 });
  });
});

describe('pauseWhenHidden', () => {
  class Page extends EventTarget {
    hidden = true;
    show() {
      this.hidden = false;
      this.dispatchEvent(new Event('visibilitychange'));
    }
  }

  test('waits until the page is visible', async () => {
    const page = new Page();
    vi.stubGlobal('document', page);
    const facenet = new CountingFaceNet();
    await using library = await open(facenet);
    const adding = library.add([photo('a', [0])], { pauseWhenHidden: true });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(facenet.searched).toBe(0);
    page.show();
    await adding;
    expect(facenet.searched).toBe(1);
  });

  test('can be aborted while it waits', async () => {
    vi.stubGlobal('document', new Page());
    await using library = await open(new CountingFaceNet());
    const controller = new AbortController();
    const { signal } = controller;
    const adding = library.add([photo('a', [0])], { pauseWhenHidden: true, signal });
    setTimeout(() => controller.abort(new Error('stopped')), 50);
    await expect(adding).rejects.toThrow('stopped');
  });
});

describe('update()', () => {
  /** Adds photos, names a person, hides one, and splits a face off. @returns what must stay. */
  async function correct(library: Library) {
    await library.add([photo('a', [0, 1]), photo('b', [0, 2]), photo('c', [0]), photo('d', [1])]);
    const [ada, bob] = library.people().items.map(({ number }) => number) as [number, number];
    await library.name(ada, 'Ada');
    const wrong = library.facesOf(ada).at(-1) as number;
    const own = await library.split(wrong);
    await library.hide(bob);
    return { ada, bob, own };
  }

  async function dump(library: Library, { ada, bob, own }: { ada: number; bob: number; own: number }) {
    return {
      ada: [library.person(ada).name, await paths(library, ada)],
      bob: [library.person(bob).hidden, await paths(library, bob)],
      own: await paths(library, own),
    };
  }

  test.for([
    ['another embedder', 'dlib-resnet-34', 'ab'],
    ['other weights of the same embedder', 'mobilefacenet', 'cd'],
  ] as const)('embeds all faces again after a change to %s, and corrections stay', async ([, embedder, weights]) => {
    await using first = await open(new CountingFaceNet());
    const corrected = await correct(first);
    const before = await dump(first, corrected);
    const faces = (await first.counts()).faces;
    await first.close();

    const facenet = new CountingFaceNet(embedder, { weights });
    await using library = await open(facenet);
    expect(library.outdated).toBe(true);
    expect(await errorCodeOf(library.add([photo('e', [0])]))).toBe('model-mismatch');
    expect(await library.update()).toBe(faces);
    expect(facenet).toMatchObject({ embedded: faces, searched: 0 });
    expect(library.outdated).toBe(false);
    expect(await library.update()).toBe(0);
    expect(await dump(library, corrected)).toEqual(before);
    const [{ model } = { model: '' }] = await library.embeddings([0]);
    expect(model).toBe(embedder);
    // The photos need no second search, and new ones join the people.
    await library.add([photo('a', [0, 1]), photo('e', [0])]);
    expect(facenet.searched).toBe(1);
    expect(await paths(library, corrected.ada)).toContain('e');
  });

  test('to an embedder of fewer dimensions leaves removed faces out', async () => {
    await using first = await open(new CountingFaceNet());
    await first.add([{ path: 'album/a', file: photo('a', [0, 1]) }, photo('b', [0])]);
    await first.add([{ path: 'album/a', file: photo('a', [0], { note: 'cut' }) }]);
    await first.close();
    const facenet = new CountingFaceNet('small', { dimension: 64 });
    await using library = await open(facenet);
    expect(await library.update()).toBe(2);
    expect(library.people().items).toMatchObject([{ photos: 2 }]);
    await library.add([photo('c', [0, 1])]);
    expect(library.people().items).toMatchObject([{ photos: 3 }, { photos: 1 }]);
    await library.close();
    await using again = await open(facenet);
    expect(await again.similar(again.people().items[0]?.cover ?? 0)).toHaveLength(3);
  });

  test('may be asked questions meanwhile', async () => {
    await using first = await open(new CountingFaceNet());
    await first.add(Array.from({ length: 120 }, (_, i) => photo(`${i}`, [i % 3])));
    await first.close();
    await using library = await open(new CountingFaceNet('large', { dimension: 256 }));
    let isUpdated = false;
    const updating = library.update().finally(() => {
      isUpdated = true;
    });
    while (!isUpdated) await library.questions();
    await updating;
    expect(library.people().items.map(({ faces }) => faces)).toEqual([40, 40, 40]);
    const [cover] = library.people().items.map(({ cover }) => cover);
    expect(await library.similar(cover as number, { limit: 39 })).toHaveLength(39);
  });

  describe('that was stopped', () => {
    /** A library whose update to another embedder was stopped after a hundred faces. */
    async function stopped(facenet: LibraryFaceNet): Promise<void> {
      await using first = await open(new CountingFaceNet());
      await first.add(Array.from({ length: 150 }, (_, i) => photo(`${i}`, [i % 3])));
      await first.name(first.people().items[0]?.number as number, 'Ada');
      await first.close();
      await using library = await open(facenet);
      const controller = new AbortController();
      const updating = library.update({
        signal: controller.signal,
        onProgress: () => controller.abort(new Error('stopped')),
      });
      await expect(updating).rejects.toThrow('stopped');
      await library.close();
    }

    test.for([
      ['of more dimensions', 'large', 'ab', 256],
      ['of fewer dimensions', 'small', 'ab', 64],
      ['of other weights', 'mobilefacenet', 'cd', rule.dimension],
    ] as const)(
      'goes on with an embedder %s, and corrections and exports work before',
      async ([, embedder, weights, dimension]) => {
        const facenet = new CountingFaceNet(embedder, { weights, dimension });
        await stopped(facenet);
        await using library = await open(facenet);
        const ada = library.people().items.find(({ name }) => name === 'Ada')?.number as number;
        await library.notSame(library.facesOf(ada)[0] as number, ada);
        await library.questions();
        const file = await library.export({ plain: true });
        expect(await library.update()).toBe(50);
        expect(library.people().items.find(({ name }) => name === 'Ada')).toMatchObject({ faces: 49 });
        stored.store = undefined;
        await using copy = await open(new CountingFaceNet());
        expect(await copy.import(file)).toEqual({ photos: 150, faces: 150 });
      },
    );

    test('is undone by an update with the embedder before', async () => {
      await stopped(new CountingFaceNet('mobilefacenet', { weights: 'cd' }));
      const facenet = new CountingFaceNet();
      await using library = await open(facenet);
      expect(library.outdated).toBe(true);
      expect(await errorCodeOf(library.add([photo('e', [0])]))).toBe('model-mismatch');
      expect(await library.update()).toBe(100);
      expect(library.outdated).toBe(false);
      await library.add([photo('e', [0])]);
      expect(
        library
          .people()
          .items.map(({ photos }) => photos)
          .sort(),
      ).toEqual([50, 50, 51]);
    });

    test.each([true, false])(
      'and is undone, has the neighbours of the present embeddings (the graph was read before: %s)',
      async (isReadBefore) => {
        await stopped(new CountingFaceNet('mobilefacenet', { weights: 'cd' }));
        const facenet = new CountingFaceNet();
        // Its next embeddings differ from those of the photos.
        await facenet.embed(JSON.parse(await photo('another', [0]).text()));
        await using library = await open(facenet);
        if (isReadBefore) await library.similar(0);
        await library.update();
        for (const { cover } of library.people().items) {
          const found = await library.similar(cover, { limit: 49 });
          for (const { distance } of found) expect(distance).toBeLessThan(0.3);
        }
        const session = sessionOf(library);
        const [stored] = await session.store.list('graph');
        // The same as if all faces were added now.
        const computed = new LibraryGraph(session.store);
        const graph = await computed.load(() => ({ ...session.meta, graphed: 0 }));
        expect((await graph.blocks())[0]?.distances).toEqual(stored?.distances);
      },
    );

    test('begins again with a third embedder', async () => {
      await stopped(new CountingFaceNet('mobilefacenet', { weights: 'cd' }));
      await using library = await open(new CountingFaceNet('mobilefacenet', { weights: 'ef' }));
      expect(await library.update()).toBe(150);
      expect(library.people().items).toMatchObject([{ faces: 50 }, { faces: 50 }, { faces: 50 }]);
    });

    test('begins again with a third embedder after one with the embedder before was stopped, too', async () => {
      await stopped(new CountingFaceNet('mobilefacenet', { weights: 'cd' }));
      await using first = await open(new CountingFaceNet());
      await expect(first.update({ signal: AbortSignal.abort(new Error('at once')) })).rejects.toThrow('at once');
      await first.close();
      await using library = await open(new CountingFaceNet('mobilefacenet', { weights: 'ef' }));
      expect(await library.update()).toBe(150);
    });
  });
});

describe('imported photos', () => {
  /** A library that imported three photos with a named person. */
  async function imported(facenet: LibraryFaceNet): Promise<Library> {
    await using source = await open(facenet);
    await source.add([photo('a', [0]), photo('b', [0, 1]), photo('c', [1])]);
    await source.name(source.people().items[0]?.number as number, 'Ada');
    const file = await source.export({ plain: true });
    await source.close();
    stored.store = undefined;
    const library = await open(facenet);
    await library.import(file);
    return library;
  }

  test('get pictures when their files are added, and keep their people', async () => {
    const facenet = new CountingFaceNet();
    await using library = await imported(facenet);
    const searched = facenet.searched;
    const facesOf = async (path: string) => (await library.photos()).items.find((each) => each.path === path)?.faces;
    const before = await facesOf('a');
    await library.add([photo('a', [0])]);
    expect(facenet.searched).toBe(searched + 1);
    const [ada] = library.people().items.filter(({ name }) => name === 'Ada');
    expect(ada).toMatchObject({ faces: 2, photos: 2 });
    const [face] = (await facesOf('a')) as [number];
    expect([face]).toEqual(before);
    expect(library.facesOf(ada?.number as number)).toContain(face);
    expect((await library.crop(face)).size).toBeGreaterThan(0);
    expect(await library.counts()).toMatchObject({ photos: 3, files: 1 });
    // It is complete now.
    await library.add([photo('a', [0])]);
    expect(facenet.searched).toBe(searched + 1);
  });

  test('keep confirmed faces in an update, and get embeddings when their files are added', async () => {
    await using before = await imported(new CountingFaceNet());
    await before.close();
    const facenet = new CountingFaceNet('dlib-resnet-34');
    await using library = await open(facenet);
    await library.update();
    expect(library.people().items).toMatchObject([{ name: 'Ada', faces: 2, confirmed: 2 }]);
    expect(library.ungrouped().items).toHaveLength(2);
    await library.add([photo('a', [0]), photo('b', [0, 1]), photo('c', [1]), photo('d', [0, 1])]);
    expect(facenet.searched).toBe(4);
    expect(library.people().items).toMatchObject([
      { name: 'Ada', faces: 3 },
      { name: '', faces: 3 },
    ]);
  });

  test('of faces that resemble strangers are not grouped', async () => {
    const facenet = new CountingFaceNet();
    await using library = await imported(facenet);
    const text = await (await library.export({ plain: true })).text();
    stored.store = undefined;
    await using other = await open(facenet);
    const { strangerModel } = facenet.rule.calibration.conditional as ConditionalCalibration;
    const resembling = `"quality":0.9,"strangerSimilarity":1,"strangerModel":"${strangerModel}"`;
    await other.import(new Blob([text.replaceAll('"quality":0.9', resembling)]));
    await other.regroup();
    // Confirmed faces are.
    expect(other.people().items).toMatchObject([{ name: 'Ada' }]);
    expect(await (await other.export({ plain: true })).text()).toContain(resembling);
  });

  test.each([
    ['of another calibration', ',"strangerModel":"another"'],
    ['without its model', ''],
  ])('are grouped whatever similarity to strangers they have %s', async (_, strangerModel) => {
    const facenet = new CountingFaceNet();
    await using library = await imported(facenet);
    const text = await (await library.export({ plain: true })).text();
    stored.store = undefined;
    await using other = await open(facenet);
    const resembling = `"quality":0.9,"strangerSimilarity":1${strangerModel}`;
    await other.import(new Blob([text.replaceAll('"quality":0.9', resembling)]));
    await other.regroup();
    expect(other.people().items).toHaveLength(2);
  });
});

test('the similarity to strangers is judged by the calibration that measured it, also in a library of an earlier release', async () => {
  await using before = await open(new CountingFaceNet());
  await before.add([photo('a', [0])]);
  await before.close();
  const { conditional, ...calibration } = rule.calibration;
  const refitted = { ...(conditional as ConditionalCalibration), limit: 0.3, strangerModel: 'refitted' };
  const facenet = Object.assign(new CountingFaceNet(), {
    rule: { ...rule, calibration: { ...calibration, conditional: refitted } },
  });
  const { embed } = facenet;
  facenet.embed = (async (source: Parameters<typeof embed>[0]) =>
    (await embed(source)).map((face, i) => ({
      ...face,
      quality: {
        overall: 0.9,
        strangerSimilarity: 0.4,
        strangerModel: i === 0 ? 'refitted' : conditional?.strangerModel,
      },
    }))) as typeof embed;
  await using library = await open(facenet);
  await library.add([photo('b', [1, 2])]);
  const { photo: added } = (await library.faces([1]))[0] as { photo: string };
  expect((await library.photo(added)).faces).toEqual([1, 2]);
  // The first face is beyond the limit of 0.3. The similarity of the second one is of another model.
  expect(library.ungrouped().items).toEqual([1]);
});
