import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FaceNetError } from '../../../lib/core/errors.ts';
import { importLibrary } from '../../../lib/library/exchange/import.ts';
import { IndexJob } from '../../../lib/library/indexing/index-job.ts';
import { registerFiles } from '../../../lib/library/indexing/registration.ts';
import { checkedLibraryOptions } from '../../../lib/library/session/options.ts';
import { isGroupingDue } from '../../../lib/library/session/schedule.ts';
import { LibrarySession } from '../../../lib/library/session/session.ts';
import { memoryStore } from '../../../lib/library/storage/memory.ts';
import type { Change } from '../../../lib/library/storage/store.ts';
import { exportedFaces } from './exported-faces.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';

beforeEach(() => {
  stubImages();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

async function add(session: LibrarySession, files: readonly File[]): Promise<void> {
  const job = new IndexJob(session, new Map(), {});
  await job.run(registerFiles(session, files, new Map(), () => {}, undefined));
}

test('a photo that is added to a large library joins it without a grouping of all, and without writing the graph', {
  timeout: 60_000,
}, async () => {
  const facenet = new CountingFaceNet();
  const store = memoryStore();
  const session = await LibrarySession.open(store, checkedLibraryOptions({ name: 'test', facenet, previews: 0 }));
  await importLibrary(session, exportedFaces(facenet, 2400, 300), {});
  expect(session.isGrouped).toBe(false);
  await add(session, []);
  expect(session.isGrouped).toBe(true);
  const { columns } = session.state;
  expect(new Set(columns.person.subarray(0, columns.size)).size).toBe(300);

  const changes: Change[] = [];
  const { commit } = store;
  store.commit = (change) => {
    changes.push(change);
    return commit(change);
  };
  await add(session, [photo('a', [0]), photo('b', [0])]);
  expect(columns.person[2400]).toBeGreaterThan(0);
  expect(columns.person[2401]).toBe(columns.person[2400]);
  expect(session.isGrouped).toBe(true);
  expect(session.meta.grouped).toBe(2400);
  expect(changes.filter(({ graph }) => graph?.put?.length)).toEqual([]);
  for (const { columns: written } of changes) expect(written?.put?.length ?? 0).toBeLessThan(2);

  await session.regroup();
  expect(session.meta).toMatchObject({ grouped: 2402, graphed: 2402 });
});

test('faces that are imported while photos are added are of people at the end', { timeout: 60_000 }, async () => {
  const facenet = new CountingFaceNet();
  const session = await LibrarySession.open(
    memoryStore(),
    checkedLibraryOptions({ name: 'test', facenet, previews: 0 }),
  );
  await importLibrary(session, exportedFaces(facenet, 2400, 300), {});
  await add(session, []);
  const { embed } = facenet;
  facenet.embed = (async (...parameters: Parameters<typeof embed>) => {
    await session.exclusively(() => importLibrary(session, exportedFaces(facenet, 2420, 300), {}));
    return embed(...parameters);
  }) as typeof embed;
  await add(session, [photo('a', [])]);
  expect(session.state.columns.size).toBe(2420);
  expect(session.isGrouped).toBe(true);
});

test('faces of an import that is not stored are not placed', async () => {
  const facenet = new CountingFaceNet();
  const store = memoryStore();
  const session = await LibrarySession.open(store, checkedLibraryOptions({ name: 'test', facenet, previews: 0 }));
  const { commit } = store;
  let adding: Promise<void> | undefined;
  store.commit = async () => {
    store.commit = commit;
    adding = add(session, []);
    throw new FaceNetError('storage-full', 'The disk is full.');
  };
  const importing = session.exclusively(() => importLibrary(session, exportedFaces(facenet, 3, 3), {}));
  await expect(importing).rejects.toThrow('full');
  await adding;
  expect(session.state).toMatchObject({ nextPerson: 1, columns: { size: 0 } });
  expect(session.state.columns.person.some((person) => person > 0)).toBe(false);
});

test.each([
  ['a small library', 10, 11, true],
  ['nothing new', 10, 10, false],
  ['a twentieth of a large library', 9500, 10_000, true],
  ['less of a large library', 9501, 10_000, false],
])('all faces are grouped again after additions: %s', (_, grouped, faces, isDue) => {
  expect(isGroupingDue(grouped, faces)).toBe(isDue);
});

test('after an error that is not a photo’s no other photo is begun', async () => {
  const facenet = new CountingFaceNet();
  const session = await LibrarySession.open(
    memoryStore(),
    checkedLibraryOptions({ name: 'test', facenet, previews: 0 }),
  );
  const { embed } = facenet;
  let calls = 0;
  facenet.embed = (async (...parameters: Parameters<typeof embed>) => {
    calls++;
    if (calls === 1) throw new TypeError('a bug');
    return embed(...parameters);
  }) as typeof embed;
  const files = Array.from({ length: 8 }, (_, i) => photo(`${i}`, [0]));
  await expect(add(session, files)).rejects.toThrow('a bug');
  // The one that was begun with it.
  expect(calls).toBeLessThanOrEqual(2);
});
