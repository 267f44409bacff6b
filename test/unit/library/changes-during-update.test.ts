import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { abortable } from '../../../lib/core/cancellation.ts';
import { Library, type LibraryFaceNet } from '../../../lib/library/index.ts';
import { flag } from '../../../lib/library/people/columns.ts';
import { errorCodeOf } from '../../support/error-code.ts';
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

/** A FaceNet of another embedder, which stops at a face until it may go on. */
class PausingFaceNet implements LibraryFaceNet {
  readonly #other = new CountingFaceNet('dlib-resnet-34');
  readonly rule = this.#other.rule;
  readonly identity = this.#other.identity;
  readonly models = this.#other.models;
  /** Resolves when it has stopped. */
  readonly paused: Promise<void>;
  goOn = () => {};

  /** @param at the number of faces that it embeds before. */
  constructor(at: number) {
    let pause = () => {};
    this.paused = new Promise((resolve) => {
      pause = resolve;
    });
    const going = new Promise<void>((resolve) => {
      this.goOn = resolve;
    });
    this.embed = (async (source: unknown, face: object, options: { signal?: AbortSignal }) => {
      if (this.#other.embedded === at) {
        pause();
        await abortable(going, options.signal);
      }
      return this.#other.embed(source as ImageBitmap, face as never);
    }) as unknown as LibraryFaceNet['embed'];
  }

  embed: LibraryFaceNet['embed'];
}

function open(facenet: LibraryFaceNet): Promise<Library> {
  return Library.open({ name: 'test', facenet, storage: 'memory', previews: 0 });
}

/** A library of 150 photos of three people. Its update has stopped in the second batch. */
async function updating() {
  await using first = await open(new CountingFaceNet());
  await first.add(Array.from({ length: 150 }, (_, i) => photo(`${i}`, [i % 3])));
  await first.close();
  const facenet = new PausingFaceNet(120);
  const library = await open(facenet);
  const update = library.update();
  update.catch(() => {});
  await facenet.paused;
  return { library, update, facenet };
}

const sizes = (library: Library) => library.people().items.map(({ faces }) => faces);

beforeEach(() => {
  stored.store = undefined;
  stubImages();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe('during update()', () => {
  test('corrections and undo do not wait, and hold at its end', async () => {
    const { library, update, facenet } = await updating();
    const [ada, bob, eve] = library.people().items.map(({ number }) => number) as [number, number, number];
    await library.name(ada, 'Ada');
    const [early, , late] = [library.facesOf(bob)[0] as number, 0, library.facesOf(bob).at(-1) as number];
    const split = await library.split(early, late);
    await library.merge(bob, eve);
    expect(await library.undo()).toBe('merge');
    await library.notSame(library.facesOf(eve).at(-1) as number, eve);
    expect(library.outdated).toBe(true);
    facenet.goOn();
    expect(await update).toBe(150);
    expect(library.outdated).toBe(false);
    expect(library.person(ada)).toMatchObject({ name: 'Ada', faces: 50 });
    expect(library.facesOf(split)).toEqual([early, late]);
    expect(library.person(bob).faces).toBe(48);
    expect(library.person(eve).faces).toBe(49);
    await expectStored(sessionOf(library));
  });

  test('photos of the present batch that are removed stay removed', async () => {
    const { library, update, facenet } = await updating();
    const faces = [3, 110, 140];
    // Two photos are analysed at once, so that the order of the faces varies.
    const people = faces.map((face) => library.personOf(face));
    const left = library.people().items.map(({ number }) => 50 - people.filter((person) => person === number).length);
    const ids = (await library.faces(faces)).map(({ photo }) => photo);
    expect(await library.remove(ids)).toBe(3);
    facenet.goOn();
    expect(await update).toBe(148);
    const { state, store } = sessionOf(library);
    for (const row of await store.getAll('faces', faces)) {
      expect(state.columns.has(row?.number as number, flag.removed)).toBe(true);
      expect(row?.embedding.every((value) => value === 0)).toBe(true);
    }
    expect(sizes(library)).toEqual(left.sort((a, b) => b - a));
    await expectStored(sessionOf(library));
  });

  test('exports, imports and groupings wait until all embeddings are of one embedder', async () => {
    stored.store = undefined;
    await using other = await open(new CountingFaceNet('dlib-resnet-34'));
    await other.add([photo('another', [4])]);
    const file = await other.export({ plain: true });
    stored.store = undefined;
    const { library, update, facenet } = await updating();
    const controller = new AbortController();
    const aborted = expect(library.export({ plain: true, signal: controller.signal })).rejects.toThrow('stopped');
    controller.abort(new Error('stopped'));
    await aborted;
    const [exporting, importing] = [library.export({ plain: true }), library.import(file)];
    const grouping = library.regroup();
    await library.name(1, 'Ada');
    facenet.goOn();
    await update;
    const records = (await (await exporting).text()).trim().split('\n').slice(1);
    const faces = records.flatMap((record) => JSON.parse(record).photo?.faces ?? []);
    expect(faces).toHaveLength(150);
    for (const { embedding } of faces) expect(embedding).not.toMatch(/^A*=*$/);
    expect(await importing).toEqual({ photos: 1, faces: 1 });
    await grouping;
    expect(sizes(library)).toEqual([50, 50, 50, 1]);
  });

  test('an abort and close() end a grouping that waits', async () => {
    const { library, update, facenet } = await updating();
    const controller = new AbortController();
    const aborted = expect(library.regroup({ signal: controller.signal })).rejects.toThrow('stopped');
    controller.abort(new Error('stopped'));
    await aborted;
    const ended = Promise.all([errorCodeOf(library.regroup()), errorCodeOf(update)]);
    const closing = library.close();
    facenet.goOn();
    await closing;
    expect(await ended).toEqual(['disposed', 'disposed']);
  });

  test('another update waits, and finds nothing to do', async () => {
    const { library, update, facenet } = await updating();
    const second = library.update();
    facenet.goOn();
    expect(await Promise.all([update, second])).toEqual([150, 0]);
  });

  test('close() ends it, and the next update goes on', async () => {
    const { library, update } = await updating();
    const exporting = library.export({ plain: true });
    await library.close();
    expect(await errorCodeOf(update)).toBe('disposed');
    expect((await exporting).size).toBeGreaterThan(0);
    await using again = await open(new CountingFaceNet('dlib-resnet-34'));
    expect(again.outdated).toBe(true);
    expect(await again.update()).toBe(50);
    expect(sizes(again)).toEqual([50, 50, 50]);
  });

  test('a library that another tab erases ends it', async () => {
    const { library, update, facenet } = await updating();
    sessionOf(library).closeNow('was erased in another tab');
    facenet.goOn();
    expect(await errorCodeOf(update)).toBe('disposed');
  });
});

test('regroup() after an update was stopped refuses to tear people apart', async () => {
  const { library } = await updating();
  await library.close();
  await using again = await open(new CountingFaceNet('dlib-resnet-34'));
  expect(await errorCodeOf(again.regroup())).toBe('model-mismatch');
  expect(sizes(again)).toEqual([50, 50, 50]);
});
