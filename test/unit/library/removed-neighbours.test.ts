import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Library } from '../../../lib/library/index.ts';
import { retirePhotos } from '../../../lib/library/indexing/retire-photo.ts';
import { Edit } from '../../../lib/library/people/edit.ts';
import { discardWornGraph } from '../../../lib/library/session/discard-graph.ts';
import { checkedLibraryOptions } from '../../../lib/library/session/options.ts';
import { LibrarySession } from '../../../lib/library/session/session.ts';
import { memoryStore } from '../../../lib/library/storage/memory.ts';
import type { FaceRow, PhotoRow } from '../../../lib/library/storage/tables.ts';
import type { FaceGraph } from '../../../lib/neighbours/face-graph.ts';
import { InventedPeople, rule, unit } from './embeddings.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';
import { sessionOf } from './stored-state.ts';

/** The number of photos, each of one face: more than a search compares exactly. Each person has five. */
const count = 1350;

/** Adds photos whose faces are nearly those of other photos. @returns the numbers of the faces. */
async function addPhotos({ state, store, meta }: LibrarySession, seed: number): Promise<number[]> {
  const [people, noise] = [new InventedPeople(5, count / 5), new InventedPeople(seed, 1)];
  const [photos, faces]: [PhotoRow[], FaceRow[]] = [[], []];
  for (let i = 0; i < count; i++) {
    const shift = noise.embedding(0, 10);
    const embedding = unit(
      people.embedding(i % (count / 5), 0.9).map((value, at) => value + 0.1 * (shift[at] as number)),
    );
    const number = state.columns.append({ photo: state.columns.size, time: 0, order: 0, person: 0, flags: 0 });
    const id = number.toString(16).padStart(64, '0');
    const box = { x: 0, y: 0, width: 100, height: 100 };
    faces.push({ number, photo: number, box, score: 1, quality: 0.9, embedding, model: rule.model, generation: 0 });
    const described = { width: 100, height: 100, time: 0, taken: false, orientation: 1, key: '' };
    photos.push({ number, id, path: id, faces: [number], ...described });
  }
  await store.commit({ photos: { put: photos }, faces: { put: faces }, meta: { put: [meta] } });
  return faces.map(({ number }) => number);
}

/** The share of the five nearest faces that the graph finds, of every tenth face. @param faces those that are left. */
function recall(graph: FaceGraph, faces: readonly number[]): number {
  let found = 0;
  const asked = faces.filter((_, i) => i % 10 === 0);
  for (const face of asked) {
    const distances = faces.map((other) => ({ other, distance: graph.distance(face, other) }));
    const nearest = distances.sort((a, b) => a.distance - b.distance).slice(0, 5);
    const listed = new Set(graph.nearest(graph.embedding(face), 5).map((near) => near.face));
    found += nearest.filter(({ other }) => listed.has(other)).length;
  }
  return found / (5 * asked.length);
}

test('searches find the faces that replaced others after the next start', async () => {
  const options = checkedLibraryOptions({ name: 'test', facenet: new CountingFaceNet() });
  const session = await LibrarySession.open(memoryStore(), options);
  await addPhotos(session, 1);
  await session.storeGraph(await session.graph());
  const faces = await addPhotos(session, 2);
  await session.storeGraph(await session.graph());
  const edit = new Edit(session.state);
  const replaced = await session.store.list('photos', { limit: count });
  await session.exclusively(async () => {
    await session.commit({ ...(await retirePhotos(session, edit, replaced)), ...edit.changes() });
  });
  // As after a start. Many faces are found only through those that were removed.
  await session.forgetGraph();
  expect(recall(await session.graph(), faces)).toBeLessThan(0.95);
  await session.exclusively(() => discardWornGraph(session));
  expect(recall(await session.graph(), faces)).toBeGreaterThan(0.99);
  await session.storeGraph(await session.graph());
  await session.forgetGraph();
  expect(recall(await session.graph(), faces)).toBeGreaterThan(0.99);
});

describe('the graph of a library whose files have changed', () => {
  beforeEach(stubImages);
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test.each([
    ['is built again if many faces were replaced', 10, 10],
    ['stays if few were', 1, 0],
  ])('%s', async (_, changed, removed) => {
    const library = await Library.open({
      name: 'test',
      facenet: new CountingFaceNet(),
      storage: 'memory',
      previews: 0,
    });
    const files = (note: string, number: number) =>
      Array.from({ length: number }, (_, i) => ({
        path: `folder/${i}.jpg`,
        file: photo(`${i}.jpg`, [i % 3], { note, modified: note === '' ? 1 : 2 }),
      }));
    await library.add(files('', 20));
    const session = sessionOf(library);
    const before = await session.graph();
    await library.add(files('changed', changed));
    expect((await library.counts()).faces).toBe(20);
    expect((await session.graph()) === before).toBe(removed === 0);
    expect(session.meta.removed ?? 0).toBe(removed === 0 ? changed : 0);
    await library.close();
  });
});
