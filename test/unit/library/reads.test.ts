import { expect, test, vi } from 'vitest';
import { importLibrary } from '../../../lib/library/exchange/import.ts';
import { retirePhotos } from '../../../lib/library/indexing/retire-photo.ts';
import { Edit } from '../../../lib/library/people/edit.ts';
import { checkedLibraryOptions } from '../../../lib/library/session/options.ts';
import { LibrarySession } from '../../../lib/library/session/session.ts';
import { suggestNames } from '../../../lib/library/session/suggestions.ts';
import { memoryStore } from '../../../lib/library/storage/memory.ts';
import type { PhotoRow } from '../../../lib/library/storage/tables.ts';
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

test('photos that replace others read the changes to undo once, and only if faces are replaced', async () => {
  const { session, store } = await filled();
  for (const name of ['Ada', 'Bob']) await session.correct('name', (edit) => edit.setPerson(1, { name }));
  const list = vi.spyOn(store, 'list');
  const reads = () => list.mock.calls.filter(([table]) => table === 'journal').length;
  const photos = (await store.list('photos')).slice(0, 3);
  const [withoutFaces, ...others] = photos as [PhotoRow, ...PhotoRow[]];
  const edit = new Edit(session.state);
  expect(await retirePhotos(session, edit, [{ ...withoutFaces, faces: [] }])).toMatchObject({ journal: {} });
  expect(reads()).toBe(0);
  for (const photo of others) await session.commit(await retirePhotos(session, edit, [photo]));
  expect(reads()).toBe(1);
  // It is read again after the next change.
  await session.correct('name', (edit) => edit.setPerson(1, { name: 'Cleo' }));
  expect((await session.journal()).map(({ change }) => change)).toEqual(['name', 'name', 'name']);
});

test('the removal of many faces searches the constraints a few times, not for each face and person', async () => {
  const { session, store } = await filled();
  const { state } = session;
  const faces = await store.list('faces');
  const edit = new Edit(state);
  // A person of each face.
  for (const { number } of faces) edit.assign(number, edit.newPerson());
  const [first, second] = [state.columns.person[0], state.columns.person[1]] as [number, number];
  edit.add('different', first, second);
  edit.add('not-person', 5, first);
  const values = vi.spyOn(state.constraints, 'values');
  await session.commit(await retirePhotos(session, edit, (await store.list('photos')).slice(0, 150)));
  expect(values.mock.calls.length).toBeLessThan(10);
  expect([...state.constraints.keys()]).toEqual([]);
});
