import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type IndexProgress, Library } from '../../../lib/library/index.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';
import { expectStored, sessionOf } from './stored-state.ts';

beforeEach(stubImages);
afterEach(() => {
  vi.unstubAllGlobals();
});

/** Two files of one batch, whose contents change. */
const files = (note: string, modified: number) =>
  ['album/1.jpg', 'album/2.jpg'].map((path, i) => ({ path, file: photo(`${i}`, [i], { modified, note }) }));

/** A library of two files that wait because they changed. */
async function withChangedFiles() {
  const facenet = new CountingFaceNet();
  const library = await Library.open({ name: 'test', facenet, storage: 'memory', previews: 640 });
  await library.add(files('', 1));
  const controller = new AbortController();
  const stopped = library.add(files('brighter', 2), { signal: controller.signal });
  controller.abort(new Error('stopped'));
  await expect(stopped).rejects.toThrow('stopped');
  await vi.waitFor(async () => expect(await library.counts()).toMatchObject({ photos: 2, waiting: 2 }));
  const idOf = async (path: string) => (await library.photos()).items.find((each) => each.path === path)?.id as string;
  return { library, facenet, idOf };
}

/** Checks that only one file is left, and that it is indexed. */
async function expectOneLeft(library: Library, path: string, last: IndexProgress | undefined): Promise<void> {
  expect(await library.counts()).toEqual({ photos: 1, faces: 1, files: 1, waiting: 0, failed: 0 });
  expect((await library.files('done')).items).toMatchObject([{ path }]);
  const { store } = sessionOf(library);
  for (const table of ['crops', 'previews', 'photos', 'files'] as const) {
    expect(await store.list(table), table).toHaveLength(1);
  }
  const embedded = (await store.list('faces')).filter(({ embedding }) => embedding.some((value) => value !== 0));
  expect(embedded).toHaveLength(1);
  expect(last).toMatchObject({ done: 1, failed: 0, total: 1, photos: 1, faces: 1 });
  await expectStored(sessionOf(library));
}

test.each([
  ['while its file is searched', 'album/1.jpg', undefined],
  ['while the search of its file fails', 'album/1.jpg', new TypeError('a bug')],
  ['before its file is read, which is of the same batch', 'album/2.jpg', undefined],
])('a photo that is removed %s does not come back', async (_, path, error) => {
  const { library, facenet, idOf } = await withChangedFiles();
  const id = await idOf(path);
  const { searched, embed } = facenet;
  facenet.embed = (async (...parameters: Parameters<typeof embed>) => {
    facenet.embed = embed;
    expect(await library.remove([id])).toBe(1);
    if (error) throw error;
    return embed(...parameters);
  }) as typeof embed;
  let last: IndexProgress | undefined;
  const resume = () =>
    library.resume({
      pace: 'background',
      onProgress: (progress) => {
        last = progress;
      },
    });
  if (error) await expect(resume()).rejects.toThrow('a bug');
  await resume();
  expect(facenet.searched - searched).toBe(path === 'album/1.jpg' && !error ? 2 : 1);
  await expectOneLeft(library, path === 'album/1.jpg' ? 'album/2.jpg' : 'album/1.jpg', last);
  await library.close();
});

test('a photo that is removed before its file is known to be a copy of another does not come back', async () => {
  await using library = await Library.open({ name: 'test', facenet: new CountingFaceNet(), storage: 'memory' });
  await library.add(files('', 1));
  const [first, second] = files('', 1) as [ReturnType<typeof files>[number], ReturnType<typeof files>[number]];
  const { id } = (await library.photos()).items.find(({ path }) => path === first.path) as { id: string };
  const session = sessionOf(library);
  const { list } = session.store;
  let removed: Promise<number> | undefined;
  // The search for a photo with the same bytes comes after the attempt was counted.
  session.store.list = ((table, options) => {
    if (table === 'photos' && options?.by === 'id' && options.from !== id) removed ??= library.remove([id]);
    return list(table, options);
  }) as typeof list;
  await library.add([
    { path: first.path, file: new File([second.file], 'copy', { type: 'image/jpeg', lastModified: 2 }) },
  ]);
  expect(await removed).toBe(1);
  expect(await library.counts()).toMatchObject({ photos: 1, files: 1, waiting: 0 });
  await expectStored(session);
});
