import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FaceNetError } from '../../../lib/core/errors.ts';
import type { Box } from '../../../lib/core/types.ts';
import type { LibraryFaceNet } from '../../../lib/library/index.ts';
import { Library } from '../../../lib/library/index.ts';
import type { LibrarySession } from '../../../lib/library/session/session.ts';
import type { Store } from '../../../lib/library/storage/store.ts';
import { handleOf } from '../../../lib/library/storage/tables.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { InventedPeople, rule } from './embeddings.ts';

/** The content of a photo in these tests, which its "bitmap" shows: the faces of invented people. */
interface Shown {
  faces: { person: number; box: Box }[];
}

/** Node has no image decoder: a photo is the JSON of what it shows, and so is a crop of it. */
interface Bitmap extends Shown {
  width: number;
  height: number;
  close(): void;
}

const boxAt = (x: number): Box => ({ x, y: 100, width: 80, height: 80 });

function photo(name: string, people: readonly number[], { modified = 1, note = '' } = {}): File {
  const faces = people.map((person, i) => ({ person, box: boxAt(100 + 200 * i) }));
  return new File([JSON.stringify({ faces, name, note })], name, { type: 'image/jpeg', lastModified: modified });
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** As a file of an iframe: its classes are not those of this realm, and their getters work for it. */
function ofAnotherRealm(file: File): File {
  const getters = {
    ...Object.getOwnPropertyDescriptors(Blob.prototype),
    ...Object.getOwnPropertyDescriptors(File.prototype),
  };
  return Object.setPrototypeOf(file, Object.create(Object.prototype, getters));
}

async function decode(source: Blob | Bitmap, left?: number, top?: number, side?: number): Promise<Bitmap> {
  const { faces } = source instanceof Blob ? (JSON.parse(await source.text()) as Shown) : source;
  const [x, y] = [left ?? 0, top ?? 0];
  const size = side ?? 1000;
  const isShown = ({ box }: Shown['faces'][number]) => box.x >= x && box.y >= y && box.x < x + size && box.y < y + size;
  return { faces: faces.filter(isShown), width: size, height: size, close() {} };
}

class Canvas {
  #shown: Bitmap | undefined;
  getContext() {
    return { drawImage: (bitmap: Bitmap) => (this.#shown = bitmap) };
  }
  async convertToBlob() {
    return new Blob([JSON.stringify({ faces: this.#shown?.faces })], { type: 'image/jpeg' });
  }
}

/** A FaceNet of an embedder, which counts the photos that it searched. */
class CountingFaceNet implements LibraryFaceNet {
  searched = 0;
  embedded = 0;
  readonly rule: LibraryFaceNet['rule'];
  readonly identity: LibraryFaceNet['identity'];
  readonly models: LibraryFaceNet['models'];
  readonly #people: InventedPeople;

  constructor(embedder = 'mobilefacenet', { detector = 'blazeface', weights = 'ab' } = {}) {
    this.rule = { ...rule, model: embedder };
    this.identity = { sha256: [weights.repeat(32)], template: 'arcface' };
    this.models = { detector, landmarker: 'mesh', embedder };
    this.#people = new InventedPeople(embedder.length + weights.charCodeAt(0), 8);
  }

  embed = (async (source: unknown, face?: object) => {
    const { faces } = source as Bitmap;
    if (face && 'box' in face) {
      this.embedded++;
      return this.#face(faces[0] as Shown['faces'][number]);
    }
    this.searched++;
    return faces.map((shown) => this.#face(shown));
  }) as unknown as LibraryFaceNet['embed'];

  #face({ person, box }: Shown['faces'][number]) {
    const quality = { overall: 0.9 };
    return { box, score: 0.9, roll: 0, quality, embedding: this.#people.embedding(person), model: this.rule.model };
  }
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
  vi.stubGlobal('createImageBitmap', decode);
  vi.stubGlobal('OffscreenCanvas', Canvas);
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

  test('that changed are indexed again, and the faces at the same places keep their people', async () => {
    const facenet = new CountingFaceNet();
    await using library = await open(facenet);
    await library.add([photo('a', [0, 1]), photo('b', [0])]);
    const ada = library.people().items[0]?.number as number;
    await library.name(ada, 'Ada');
    const [stranger] = library.people().items.filter(({ number }) => number !== ada);
    await library.merge(ada, stranger?.number as number);
    await library.add([photo('a', [0, 1], { modified: 2, note: 'brighter' })]);
    expect(facenet.searched).toBe(3);
    expect(await library.counts()).toMatchObject({ photos: 2, files: 2 });
    // The correction holds for the new faces of the changed photo: both are Ada.
    expect(library.people().items).toMatchObject([{ name: 'Ada', faces: 3, photos: 2 }]);
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
    expect(await library.counts()).toMatchObject({ photos: 1, files: 1, waiting: 0 });
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
});
