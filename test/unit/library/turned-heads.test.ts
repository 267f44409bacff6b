import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { embedStoredCrop, Library } from '../../../lib/library/index.ts';
import { memoryStore } from '../../../lib/library/storage/memory.ts';
import type { Store } from '../../../lib/library/storage/store.ts';
import type { FaceRow } from '../../../lib/library/storage/tables.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';

/** One database for the libraries that a test opens one after the other, as a browser keeps it. */
const stored = vi.hoisted(() => ({ store: undefined as unknown }));

vi.mock('../../../lib/library/storage/memory.ts', async (original) => {
  const memory = await original<typeof import('../../../lib/library/storage/memory.ts')>();
  return {
    memoryStore() {
      stored.store ??= { ...memory.memoryStore(), close() {} };
      return stored.store;
    },
  };
});

beforeEach(() => {
  stored.store = undefined;
  stubImages();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const quarter = Math.PI / 2;
const rolls = [0, 0.4, quarter, -quarter, Math.PI];

/** A library of photos whose heads are turned by each angle, of the same three people. */
async function withTurnedHeads(): Promise<void> {
  await using library = await open(new CountingFaceNet());
  await library.add(rolls.map((roll, i) => photo(`${i}`, [0, 1, 2], { roll })));
}

function open(facenet: CountingFaceNet): Promise<Library> {
  return Library.open({ name: 'test', facenet, storage: 'memory', previews: 0 });
}

/** Stores the crops and the rows of an earlier build, which cut faces out as the photo shows them and kept no roll. */
async function asEarlierBuild(): Promise<void> {
  const store = memoryStore() as Store;
  const rows = await store.list('faces');
  const crops = await Promise.all(
    (await store.list('crops')).map(async (crop) => {
      const { faces, ...picture } = JSON.parse(await new Blob([crop.data]).text());
      const { roll } = rows.find(({ number }) => number === crop.number) as FaceRow;
      const data = new TextEncoder().encode(JSON.stringify({ ...picture, faces: [{ ...faces[0], roll }] })).buffer;
      return { ...crop, data };
    }),
  );
  const faces = rows.map(({ roll: _, ...row }) => row);
  await store.commit({ faces: { put: faces }, crops: { put: crops } });
}

test('crops show heads tilted by 45° at most, and faces state their roll', async () => {
  await withTurnedHeads();
  await using library = await open(new CountingFaceNet());
  const { items } = await library.photos();
  const faces = await library.faces(items.flatMap(({ faces }) => faces));
  for (const { number, photo: id, roll, box } of faces) {
    const path = items.find((photo) => photo.id === id)?.path;
    expect(roll).toBe(rolls[Number(path)]);
    // Boxes are in pixels of the photo.
    expect(box).toMatchObject({ y: 100, width: 80, height: 80 });
    const crop = JSON.parse(await (await library.crop(number)).text());
    expect(crop.faces).toHaveLength(1);
    expect(crop.faces[0].roll).toBeCloseTo(roll === 0.4 ? 0.4 : 0, 6);
    const { x, y, width } = crop.faces[0].box;
    for (const length of [x, y, 120 - x - width]) expect(length).toBeCloseTo(20, 6);
  }
});

test.each([
  ['their crops', false],
  ['crops of an earlier build, which are not turned', true],
])('turned heads are embedded again from %s', async (_, isEarlier) => {
  await withTurnedHeads();
  if (isEarlier) await asEarlierBuild();
  const facenet = new CountingFaceNet('dlib-resnet-34');
  await using library = await open(facenet);
  expect(await library.update()).toBe(15);
  expect(library.people().items.map(({ faces }) => faces)).toEqual([5, 5, 5]);
  expect(facenet).toMatchObject(isEarlier ? { searched: 15, embedded: 0 } : { searched: 0, embedded: 15 });
});

test('a face that is not found in a crop of an earlier build is embedded where it should be', async () => {
  const facenet = new CountingFaceNet();
  const box = { x: 20, y: 20, width: 80, height: 80 };
  const beside = { person: 1, box: { ...box, x: 95 } };
  const picture = { width: 120, height: 120, faces: [beside, { person: 0, box }], close() {} };
  const { embed } = facenet;
  facenet.embed = (async (source: unknown, face: object) => {
    if (!('box' in face)) return embed({ ...picture, faces: [beside] } as never);
    return embed(source as never, face as never);
  }) as typeof embed;
  const embedded = await embedStoredCrop(facenet, picture as never, {});
  expect(embedded).toMatchObject({ box });
  expect(facenet.embedded).toBe(1);
});
