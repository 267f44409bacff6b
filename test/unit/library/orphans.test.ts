import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Library } from '../../../lib/library/index.ts';
import type { Orphan } from '../../../lib/library/storage/tables.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';
import { sessionOf } from './stored-state.ts';

beforeEach(stubImages);
afterEach(() => {
  vi.unstubAllGlobals();
});

function open(): Promise<Library> {
  return Library.open({ name: 'test', facenet: new CountingFaceNet(), storage: 'memory', previews: 0 });
}

/** A file of an album, with a photo of a person. */
const file = (number: number, person: number) => ({
  path: `album/${number}.jpg`,
  file: photo(`${person}`, [person], { modified: person }),
});

test('an orphan that an export has is kept by its import', async () => {
  await using library = await open();
  await library.add([file(0, 0), file(1, 1)]);
  const exported = await library.export({ plain: true });
  const session = sessionOf(library);
  let imported: Promise<unknown> | undefined;
  await library.add([file(0, 2), file(1, 1)], {
    onProgress: () => {
      if (session.meta.orphans?.length) imported ??= library.import(exported);
    },
  });
  await imported;
  expect(await library.counts()).toMatchObject({ photos: 3, files: 2 });
});

test('no more than a thousand photos without a file wait to be removed', async () => {
  await using library = await open();
  await library.add([file(0, 0), file(1, 1)]);
  const session = sessionOf(library);
  const gone = Array.from({ length: 1000 }, (_, i): Orphan => ({ photo: 1e6 + i }));
  session.meta = { ...session.meta, orphans: gone };
  await session.exclusively(() => session.commit({}));
  const lengths = new Set<number | undefined>();
  await library.add([file(0, 2), file(1, 1)], { onProgress: () => lengths.add(session.meta.orphans?.length) });
  expect(Math.max(...[...lengths].map(Number))).toBe(1000);
  expect(session.meta.orphans).toEqual([]);
  expect(await library.counts()).toMatchObject({ photos: 2, files: 2 });
});
