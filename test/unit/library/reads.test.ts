import { expect, test, vi } from 'vitest';
import { importLibrary } from '../../../lib/library/exchange/import.ts';
import { checkedLibraryOptions } from '../../../lib/library/session/options.ts';
import { LibrarySession } from '../../../lib/library/session/session.ts';
import { suggestNames } from '../../../lib/library/session/suggestions.ts';
import { memoryStore } from '../../../lib/library/storage/memory.ts';
import { exportedFaces } from './exported-faces.ts';
import { CountingFaceNet } from './fake-photos.ts';

/** A library of 180 faces of three people, whose store is spied on. */
async function filled() {
  const facenet = new CountingFaceNet();
  const store = memoryStore();
  const session = await LibrarySession.open(store, checkedLibraryOptions({ name: 'test', facenet }));
  await importLibrary(session, exportedFaces(facenet, 180, 3), {});
  await session.regroup();
  return { session, store };
}

test('suggested names read a dozen faces of a person, and identify three', async () => {
  const { session, store } = await filled();
  const getAll = vi.spyOn(store, 'getAll');
  const identify = vi.fn(async () => ({
    candidates: [{ person: { id: 'a', name: 'Ada' }, probability: 0.9 }],
  }));
  const suggestions = await suggestNames(session, { identify }, {});
  expect(getAll.mock.calls.flatMap(([, keys]) => keys)).toHaveLength(3 * 12);
  expect(identify).toHaveBeenCalledTimes(3 * 3);
  // They are in different photos.
  expect(suggestions.map(({ name }) => name)).toEqual(['Ada', 'Ada', 'Ada']);
});

test('the change to undo is read without those before it', async () => {
  const { session, store } = await filled();
  for (const name of ['Ada', 'Bob']) await session.correct('name', (edit) => edit.setPerson(1, { name }));
  const list = vi.spyOn(store, 'list');
  expect(await session.lastChange()).toMatchObject({ change: 'name', number: 2 });
  expect(list).not.toHaveBeenCalled();
});
