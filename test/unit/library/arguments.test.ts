import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FaceNetError } from '../../../lib/core/errors.ts';
import { embedStoredCrop, Library, readRegions, writeRegions } from '../../../lib/library/index.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';

beforeEach(stubImages);
afterEach(() => {
  vi.unstubAllGlobals();
});

async function filled(): Promise<Library> {
  const library = await Library.open({ name: 'test', facenet: new CountingFaceNet(), storage: 'memory' });
  await library.add([photo('a', [0]), photo('b', [1])]);
  return library;
}

test('every method that refuses an argument throws a FaceNetError', async () => {
  await using library = await filled();
  const names = new Set<string>();
  for (let of = Library.prototype; of !== Object.prototype; of = Object.getPrototypeOf(of)) {
    for (const name of Object.getOwnPropertyNames(of)) names.add(name);
  }
  for (const name of ['constructor', 'close']) names.delete(name);
  const methods = library as unknown as Record<string, (...given: unknown[]) => unknown>;
  const wrong = [
    [undefined],
    [null],
    ['x'],
    [1.5],
    [{}],
    [[null]],
    [5, undefined],
    [undefined, undefined],
    [[undefined], 1],
  ];
  const others: string[] = [];
  for (const name of [...names].filter((each) => typeof methods[each] === 'function')) {
    for (const given of wrong) {
      try {
        await methods[name]?.(...given);
      } catch (error) {
        if (!(error instanceof FaceNetError)) others.push(`${name}(${given}): ${error}`);
      }
    }
  }
  expect(others).toEqual([]);
});

test('add() refuses what is no list of sources', async () => {
  await using library = await filled();
  const folder = { kind: 'directory', async *[Symbol.asyncIterator]() {} };
  for (const sources of [photo('c', [2]), undefined, 5, 'a.jpg', folder]) {
    await expect(library.add(sources as never)).rejects.toThrow('add([file])');
  }
  expect(await library.counts()).toMatchObject({ files: 2 });
});

test.for([undefined, { people: [1] }, { people: [1, 2], faces: [[0]] }, { people: [1, 2], faces: [0, 1] }])(
  'answer() refuses what is no question: %j',
  async (question) => {
    await using library = await filled();
    expect(await errorCodeOf(library.answer(question as never, 'same'))).toBe('option-invalid');
  },
);

test.for([undefined, null, 5, {}])('no photo is found or removed by the id %j', async (id) => {
  await using library = await filled();
  const photo = id as never;
  for (const call of [() => library.photo(photo), () => library.preview(photo), () => library.original(photo)])
    expect(await errorCodeOf(call())).toBe('library-unknown');
  expect(await errorCodeOf(library.sidecar(photo))).toBe('library-unknown');
  expect(await errorCodeOf(library.remove([photo]))).toBe('option-invalid');
  expect(await library.counts()).toMatchObject({ photos: 2 });
});

const none = undefined as never;
const picture = new Blob(['{"faces":[]}'], { type: 'image/jpeg' }) as never;
const facenet = () => new CountingFaceNet();
const flat = { width: 4, height: 3, orientation: 1 };

/** Calls with a wrong argument, which without a check end with a TypeError, return nonsense or store it. */
const wrong: Record<string, (library: Library) => unknown> = {
  'files() of no state': (library) => library.files(none),
  'files() of another state': (library) => library.files('lost' as never),
  'refuseName() without a name': (library) => library.refuseName(1, none),
  'hide() with a text': (library) => library.hide(1, 'no' as never),
  'add() of a path that is no text': (library) => library.add([{ path: 5 as never, file: photo('c', [2]) }]),
  'add() of a Blob': (library) => library.add([picture]),
  'add() of a Blob with a path': (library) => library.add([{ path: 'c', file: picture }]),
  'add() with a number as onProgress': (library) => library.add([], { onProgress: 5 as never }),
  'update() with a number as onProgress': (library) => library.update({ onProgress: 5 as never }),
  'open() with what is no FaceNet': () =>
    Library.open({ name: 'x', storage: 'memory', facenet: { embed() {} } as never }),
  'open() with a number as onClose': () =>
    Library.open({ name: 'x', storage: 'memory', facenet: facenet(), onClose: 5 as never }),
  'erase() without a name': () => Library.erase(none),
  'erase() of an empty name': () => Library.erase(''),
  'erase() with a number as onBlocked': () => Library.erase('x', { onBlocked: 5 as never }),
  'writeRegions() without regions': () => writeRegions(flat, none),
  'writeRegions() of a region without a box': () => writeRegions(flat, [{ name: 'Ada' } as never]),
  'writeRegions() of a region without a name': () =>
    writeRegions(flat, [{ box: { x: 0, y: 0, width: 1, height: 1 } } as never]),
  'writeRegions() of no region': () => writeRegions(flat, [null as never]),
  'writeRegions() with the name of a method as orientation': () =>
    writeRegions({ ...flat, orientation: 'toString' as never }, []),
  'embedStoredCrop() without a FaceNet': () => embedStoredCrop({} as never, flat as never, {}),
  'embedStoredCrop() without a face': () => embedStoredCrop(facenet(), flat as never, none),
  'embedStoredCrop() with a text as roll': () => embedStoredCrop(facenet(), flat as never, { roll: 'x' as never }),
};

test.each(Object.entries(wrong))('%s is refused, and changes nothing', async (_, call) => {
  await using library = await filled();
  const before = [await library.counts(), library.people().items];
  expect(await errorCodeOf((async () => call(library))())).toBe('option-invalid');
  expect([await library.counts(), library.people().items]).toEqual(before);
  expect(await library.undoable()).toBeUndefined();
});

test('embedStoredCrop() refuses what is no picture', async () => {
  expect(await errorCodeOf(embedStoredCrop(facenet(), none, {}))).toBe('image-type');
});

test('suggestNames() refuses what is no gallery', async () => {
  await using library = await filled();
  expect(await errorCodeOf(library.suggestNames({} as never))).toBe('option-invalid');
});

test.for([0, 9, 1.5, Number.NaN, undefined])(
  'regions of a photo of the orientation %s are refused',
  async (orientation) => {
    const turned = { width: 40, height: 30, orientation: orientation as number };
    const sidecar = writeRegions({ ...turned, orientation: 1 }, [
      { name: 'Ada', box: { x: 1, y: 1, width: 9, height: 9 } },
    ]);
    for (const call of [() => writeRegions(turned, []), () => readRegions(sidecar, turned)]) {
      expect(await errorCodeOf((async () => call())())).toBe('option-invalid');
    }
  },
);

test('readRegions() refuses what is no text', async () => {
  const call = async () => readRegions(new Blob() as never, { width: 40, height: 30, orientation: 1 });
  expect(await errorCodeOf(call())).toBe('option-invalid');
});
