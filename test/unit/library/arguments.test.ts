import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FaceNetError } from '../../../lib/core/errors.ts';
import { Library, readRegions, writeRegions } from '../../../lib/library/index.ts';
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
