import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FaceNetError } from '../../../lib/core/errors.ts';
import { Library } from '../../../lib/library/index.ts';
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

beforeEach(() => {
  stored.store = undefined;
  stubImages();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function open(facenet: CountingFaceNet): Promise<Library> {
  return Library.open({ name: 'test', facenet, storage: 'memory', previews: 0 });
}

/** The number of faces of the library: more than an update stores at once. */
const faces = 120;

/** A library of two people, in photos of one face each, whose embedder has changed. */
async function outdated(): Promise<{ library: Library; facenet: CountingFaceNet }> {
  await using first = await open(new CountingFaceNet());
  await first.add(Array.from({ length: faces }, (_, i) => photo(`${i}`, [i % 2])));
  await first.close();
  const facenet = new CountingFaceNet('dlib-resnet-34');
  return { library: await open(facenet), facenet };
}

/** How a crop cannot be read. @param fails decides about each attempt, which are numbered from 0. */
type Failure = (facenet: CountingFaceNet, fails: (attempt: number) => boolean) => void;

const cannotDecode: Failure = (_, fails) => {
  const decode = createImageBitmap as (...parameters: unknown[]) => Promise<ImageBitmap>;
  let attempts = 0;
  vi.stubGlobal('createImageBitmap', async (...parameters: unknown[]) => {
    if (fails(attempts++)) throw new DOMException('The source image could not be decoded.', 'InvalidStateError');
    return decode(...parameters);
  });
};

const cannotRead: Failure = (facenet, fails) => {
  const { embed } = facenet;
  let attempts = 0;
  facenet.embed = (async (...parameters: Parameters<typeof embed>) => {
    if (fails(attempts++)) throw new FaceNetError('image-unreadable', 'This browser has no 2D canvas.');
    return embed(...parameters);
  }) as typeof embed;
};

/** The numbers of the faces without an embedding. */
async function unknownFaces(library: Library): Promise<number[]> {
  const codes = await Promise.all(Array.from({ length: faces }, (_, face) => errorCodeOf(library.embeddings([face]))));
  return codes.flatMap((code, face) => (code === 'library-unknown' ? [face] : []));
}

describe.each([
  ['decoded', cannotDecode],
  ['read by the FaceNet', cannotRead],
])('a stored crop that cannot be %s', (_, failure) => {
  test('once is tried again', async () => {
    const { library, facenet } = await outdated();
    await using _ = library;
    // Each first attempt of three faces in a row.
    failure(facenet, (attempt) => [10, 12, 14].includes(attempt));
    expect(await library.update()).toBe(faces);
    expect(await unknownFaces(library)).toEqual([]);
  });

  test('twice leaves its face without an embedding, also two in a row', async () => {
    const { library, facenet } = await outdated();
    await using _ = library;
    // Both attempts of the faces 10, 11 and 13.
    failure(facenet, (attempt) => [10, 11, 12, 13, 15, 16].includes(attempt));
    expect(await library.update()).toBe(faces);
    expect(await unknownFaces(library)).toEqual([10, 11, 13]);
    await expectStored(sessionOf(library));
  });

  test('like the next two stops the update, and the next update goes on', async () => {
    const { library, facenet } = await outdated();
    await using _ = library;
    let isShort = true;
    failure(facenet, (attempt) => isShort && attempt >= 105);
    expect(await errorCodeOf(library.update())).toBe('image-unreadable');
    // What was embedded before is stored.
    const rows = await sessionOf(library).store.list('faces');
    expect(rows.filter(({ model }) => model === 'dlib-resnet-34')).toHaveLength(105);
    expect(library.outdated).toBe(true);
    isShort = false;
    expect(await library.update()).toBe(15);
    expect(await unknownFaces(library)).toEqual([]);
    expect(library.people().items).toMatchObject([{ faces: 60 }, { faces: 60 }]);
    await expectStored(sessionOf(library));
  });

  test('like the next two in another batch is tried again with them', async () => {
    const { library, facenet } = await outdated();
    await using _ = library;
    // The faces 98 and 99 end the first batch of 100.
    let isShort = true;
    failure(facenet, (attempt) => isShort && attempt >= 98);
    expect(await errorCodeOf(library.update())).toBe('image-unreadable');
    isShort = false;
    expect(await library.update()).toBe(22);
    expect(await unknownFaces(library)).toEqual([]);
    await expectStored(sessionOf(library));
  });

  test('for good, like the next three, does not stop every update, also of libraries opened later', async () => {
    const { library, facenet } = await outdated();
    // Of each face both attempts: first of the faces 10 to 12, then, in the next update, of 10 to 13.
    failure(facenet, (attempt) => (attempt >= 10 && attempt < 16) || (attempt >= 16 && attempt < 24));
    expect(await errorCodeOf(library.update())).toBe('image-unreadable');
    await library.close();
    await using next = await open(facenet);
    expect(await next.update()).toBe(faces - 10);
    expect(await unknownFaces(next)).toEqual([10, 11, 12, 13]);
    expect(next.outdated).toBe(false);
    await expectStored(sessionOf(next));
  });
});
