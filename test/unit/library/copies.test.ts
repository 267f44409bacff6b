import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isInstance } from '../../../lib/core/brand.ts';
import { Library } from '../../../lib/library/index.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';
import { sessionOf } from './stored-state.ts';

beforeEach(stubImages);
afterEach(() => {
  vi.unstubAllGlobals();
});

/** A library whose photos wait, because the FaceNet embeds none before `release` is called. */
async function held() {
  const facenet = new CountingFaceNet();
  const { embed } = facenet;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  facenet.embed = (async (...parameters: Parameters<typeof embed>) => {
    await released;
    return embed(...parameters);
  }) as typeof embed;
  const library = await Library.open({ name: 'test', facenet, storage: 'memory', previews: 0 });
  return { library, release };
}

/** The sizes of the stored copies. */
async function copies(library: Library): Promise<number[]> {
  const rows = await sessionOf(library).store.list('files');
  return rows.flatMap(({ source }) => (isInstance(source, 'Blob') ? [source.size] : []));
}

const sizeOf = (sizes: readonly number[]) => sizes.reduce((sum, size) => sum + size, 0);

const files = (count: number) =>
  Array.from({ length: count }, (_, i) => photo(`${i}`, [i % 5], { note: 'n'.repeat(900) }));

/** A browser with some free space, of which the copies take their share. */
function stubEstimate(library: Library, free: number): void {
  const estimate = async () => ({ quota: free + 100, usage: 100 + sizeOf(await copies(library)) });
  vi.stubGlobal('navigator', { storage: { estimate } });
}

test('copies of files take at most half of the free space', async () => {
  const { library, release } = await held();
  const added = files(400);
  const total = sizeOf(added.map(({ size }) => size));
  stubEstimate(library, total);
  const adding = library.add(added);
  await expect.poll(async () => (await library.counts()).waiting).toBe(400);
  const taken = sizeOf(await copies(library));
  expect(taken).toBeGreaterThan(total / 4);
  expect(taken).toBeLessThanOrEqual(total / 2);
  // All are indexed, and the space of the copies is free again.
  release();
  await adding;
  expect(await library.counts()).toMatchObject({ photos: 400, waiting: 0, failed: 0 });
  expect(await copies(library)).toEqual([]);
  await library.close();
});

test.each([
  ['has no estimate', undefined],
  ['states no quota', { estimate: async () => ({}) }],
  ['cannot estimate', { estimate: () => Promise.reject(new TypeError('opaque origin')) }],
])('all files are copied if the browser %s', async (_, storage) => {
  const { library, release } = await held();
  vi.stubGlobal('navigator', { storage });
  const adding = library.add(files(60));
  await expect.poll(() => copies(library)).toHaveLength(60);
  release();
  await adding;
  await library.close();
});
