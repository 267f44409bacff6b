import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Library } from '../../../lib/library/index.ts';
import type { Orphan } from '../../../lib/library/storage/tables.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';
import { expectStored, sessionOf } from './stored-state.ts';

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

test('an abort while photos without a file are removed leaves the others to resume()', async () => {
  await using library = await open();
  const people = [0, 1, 2, 3, 4, 5];
  await library.add(people.map((person) => file(person, person)));
  for (const { number } of library.people().items) await library.name(number, `person ${number}`);
  const names = () =>
    library
      .people()
      .items.map(({ name }) => name)
      .sort();
  const before = names();
  const { session, controller } = { session: sessionOf(library), controller: new AbortController() };
  const { commit } = session.store;
  let removed = 0;
  session.store.commit = async (change) => {
    await commit(change);
    if (change.photos?.remove && ++removed === 2) controller.abort(new Error('stopped'));
  };
  const edited = people.map((person) => ({
    path: `album/${person}.jpg`,
    file: photo(`${person} edited`, [person], { modified: 100 }),
  }));
  await expect(library.add(edited, { signal: controller.signal })).rejects.toThrow('stopped');
  // A change that waits for those before it.
  await library.undo();
  expect(removed).toBe(2);
  expect(session.meta.orphans).toHaveLength(4);
  expect(library.grouped).toBe(false);
  await library.name(library.people().items.find(({ name }) => name === '')?.number as number, before.at(-1) as string);
  await library.resume();
  expect(library.grouped).toBe(true);
  expect(session.meta.orphans).toEqual([]);
  expect(names()).toEqual(before);
  expect(await library.counts()).toMatchObject({ photos: 6, files: 6, waiting: 0 });
  await expectStored(session);
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
