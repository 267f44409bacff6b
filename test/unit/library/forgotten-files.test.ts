import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FaceNetError } from '../../../lib/core/errors.ts';
import { Library } from '../../../lib/library/index.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';
import { expectStored, sessionOf } from './stored-state.ts';

beforeEach(stubImages);
afterEach(() => {
  vi.unstubAllGlobals();
});

/** A library of a photo, and of two files that are none. */
async function filled(): Promise<Library> {
  const facenet = new CountingFaceNet();
  const { embed } = facenet;
  facenet.embed = (async (...parameters: Parameters<typeof embed>) => {
    const { faces } = parameters[0] as unknown as { faces: unknown[] };
    if (faces.length === 0) throw new FaceNetError('image-unreadable', 'It is no photo.');
    return embed(...parameters);
  }) as typeof embed;
  const library = await Library.open({ name: 'test', facenet, storage: 'memory', previews: 0 });
  await library.add([photo('a', [0]), photo('x', []), photo('y', [])]);
  return library;
}

const failed = async (library: Library) => (await library.files('failed')).items;

describe('forget()', () => {
  test('removes failed files, which can be added again', async () => {
    await using library = await filled();
    const [x, y] = await failed(library);
    expect([x?.path, y?.path]).toEqual(['x', 'y']);
    const numbers = [x, x, { number: 99 }].map((file) => file?.number as number);
    expect(await library.forget(numbers)).toBe(1);
    expect(await failed(library)).toEqual([y]);
    expect(await library.counts()).toMatchObject({ files: 2, photos: 1, failed: 1 });
    await expectStored(sessionOf(library));
    await library.add([photo('x', [])]);
    expect((await failed(library)).map(({ path, number }) => [path, number])).toEqual([
      ['y', y?.number],
      ['x', 4],
    ]);
  });

  test('leaves indexed files and photos', async () => {
    await using library = await filled();
    const [done] = (await library.files('done')).items;
    expect(await library.forget([done?.number as number])).toBe(0);
    expect(await library.counts()).toMatchObject({ files: 3, photos: 1 });
  });

  test('removes files that wait, and that are indexed at present', async () => {
    await using library = await filled();
    const { facenet } = sessionOf(library).options;
    const { embed } = facenet;
    facenet.embed = (async (...parameters: Parameters<typeof embed>) => {
      const { items } = await library.files('waiting');
      if (items.length > 0) expect(await library.forget(items.map(({ number }) => number))).toBe(2);
      return embed(...parameters);
    }) as typeof embed;
    let last = {};
    await library.add([photo('b', [1]), photo('c', [2])], {
      pace: 'background',
      onProgress: (progress) => (last = progress),
    });
    expect(last).toMatchObject({ done: 1, failed: 2, total: 3, photos: 1 });
    expect(await library.counts()).toMatchObject({ files: 3, photos: 1, faces: 1, waiting: 0 });
    await expectStored(sessionOf(library));
  });

  test('leaves photos the paths of their other files', async () => {
    await using library = await filled();
    const shown = await photo('b', [1]).text();
    // By a name without a folder, other contents are another file.
    const fileOf = (path: string, contents: string, lastModified: number) => ({
      path,
      file: new File([contents], 'b', { type: 'image/jpeg', lastModified }),
    });
    // The photo has the path of the file that is analysed first.
    await library.add([fileOf('in/b', shown, 2)]);
    await library.add(['in/c', 'in/d'].map((path) => fileOf(path, shown, 2)));
    const paths = async () => (await library.photos()).items.map(({ path }) => path);
    expect(await paths()).toEqual(['a', 'in/b']);
    // The changed files fail.
    await library.add(['in/b', 'in/c'].map((path) => fileOf(path, '{ "faces": [] }', 3)));
    const files = (await failed(library)).filter(({ path }) => path.startsWith('in/'));
    expect(files.map(({ path }) => path)).toEqual(['in/b', 'in/c']);
    expect(await library.forget(files.map(({ number }) => number))).toBe(2);
    expect(await paths()).toEqual(['a', 'in/d']);
    await expectStored(sessionOf(library));
  });

  test.for([1, 'x', ['1'], [1.5]])('refuses what is no list of numbers: %j', async (files) => {
    await using library = await filled();
    expect(await errorCodeOf(library.forget(files as never))).toBe('option-invalid');
  });

  test('removes nothing when its signal is aborted', async () => {
    await using library = await filled();
    const numbers = (await failed(library)).map(({ number }) => number);
    const aborted = library.forget(numbers, { signal: AbortSignal.abort(new Error('stopped')) });
    await expect(aborted).rejects.toThrow('stopped');
    expect(await failed(library)).toHaveLength(2);
  });
});
