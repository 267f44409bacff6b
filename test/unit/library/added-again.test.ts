import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FaceNetError } from '../../../lib/core/errors.ts';
import { Library } from '../../../lib/library/index.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';

beforeEach(() => {
  stubImages();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const path = 'album/1.jpg';
const files = (...[people, options]: [number[], Parameters<typeof photo>[2]]) => [
  { path, file: photo('1', people, options) },
];

/** A library whose first search waits until the file was added again with other contents, and then ends with an error, if any. */
async function addedWhileIndexed(error?: Error) {
  const facenet = new CountingFaceNet();
  const library = await Library.open({ name: 'test', facenet, storage: 'memory', previews: 0 });
  const { embed } = facenet;
  let isFirst = true;
  facenet.embed = (async (...parameters: Parameters<typeof embed>) => {
    if (!isFirst) return embed(...parameters);
    isFirst = false;
    await library.add(files([1, 2], { modified: 2 }));
    if (error) throw error;
    return embed(...parameters);
  }) as typeof embed;
  return library;
}

describe('a file that changes and is added again while it is indexed', () => {
  test.each([
    ['succeeds', undefined],
    ['fails', new FaceNetError('image-unreadable', 'The file changed.')],
    ['ends the worker', new FaceNetError('worker-lost', 'The worker stopped.')],
  ])('is indexed again if the former contents %s', async (_, error) => {
    await using library = await addedWhileIndexed(error);
    let last = {};
    await library.add(files([0], { modified: 1 }), { onProgress: (progress) => (last = progress) });
    expect(await library.counts()).toMatchObject({ files: 1, photos: 1, waiting: 0, failed: 0 });
    expect(library.people().items).toMatchObject([{ faces: 1 }, { faces: 1 }]);
    const [shown] = (await library.photos()).items;
    expect((await library.files('done')).items).toMatchObject([{ photo: shown?.id, attempts: 0 }]);
    expect(shown?.time.getTime()).toBe(2);
    expect(last).toMatchObject({ done: 1, failed: 0, total: 1, photos: 1 });
  });

  test('waits after an error that is not its own', async () => {
    await using library = await addedWhileIndexed(new TypeError('a bug'));
    await expect(library.add(files([0], { modified: 1 }))).rejects.toThrow('a bug');
    expect((await library.files('waiting')).items).toMatchObject([{ attempts: 0 }]);
    await library.resume();
    expect(library.people().items).toMatchObject([{ faces: 1 }, { faces: 1 }]);
  });
});

test('a file that was indexed at its second attempt has no failed ones', async () => {
  const facenet = new CountingFaceNet();
  const { embed } = facenet;
  facenet.embed = (async () => {
    facenet.embed = embed;
    throw new FaceNetError('worker-lost', 'The worker stopped.');
  }) as unknown as typeof embed;
  await using library = await Library.open({ name: 'test', facenet, storage: 'memory', previews: 0 });
  await library.add(files([0], {}));
  expect((await library.files('done')).items).toMatchObject([{ attempts: 0 }]);
});

test.each([
  ['new contents', 'new'],
  ['the contents of another photo', 'other'],
])('a photo has the path of another file when the one that it was indexed from gets %s', async (_, name) => {
  await using library = await Library.open({ name: 'test', facenet: new CountingFaceNet(), storage: 'memory' });
  const add = (path: string, name: string, modified = 1) =>
    library.add([{ path, file: photo(name, [0], { modified }) }]);
  await add('a/1.jpg', 'shared');
  await add('b/1.jpg', 'shared');
  await add('c/1.jpg', 'other');
  await add('a/1.jpg', name, 2);
  const paths = (await library.photos()).items.map(({ path }) => path).sort();
  expect(paths).toEqual(name === 'new' ? ['a/1.jpg', 'b/1.jpg', 'c/1.jpg'] : ['b/1.jpg', 'c/1.jpg']);
});
