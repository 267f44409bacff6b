import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Library } from '../../../lib/library/index.ts';
import type { FaceRow } from '../../../lib/library/storage/tables.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { CountingFaceNet, photo, stubImages } from './fake-photos.ts';
import { sessionOf } from './stored-state.ts';

beforeEach(stubImages);
afterEach(() => {
  vi.unstubAllGlobals();
});

const open = (facenet: CountingFaceNet) => Library.open({ name: 'test', facenet, storage: 'memory' });

/** A library of 20 imported faces, which an update to another embedder could not embed, and of 10 others. */
async function updated(): Promise<Library> {
  await using first = await open(new CountingFaceNet());
  await first.add(Array.from({ length: 20 }, (_, i) => photo(`${i}`, [i % 4], { note: `${i}` })));
  const facenet = new CountingFaceNet();
  const library = await open(facenet);
  await library.import(await first.export({ plain: true }));
  Object.assign(facenet, new CountingFaceNet('dlib-resnet-34'));
  await library.update();
  await library.add(Array.from({ length: 10 }, (_, i) => photo(`new ${i}`, [4 + (i % 4)])));
  return library;
}

test('a face without an embedding resembles no other, and no other resembles it', async () => {
  await using library = await updated();
  expect(await library.similar(3)).toEqual([]);
  const found = await library.similar(20, { limit: 30 });
  expect(found.map(({ face }) => face).sort((a, b) => a - b)).toEqual([21, 22, 23, 24, 25, 26, 27, 28, 29]);
});

test('embeddings() reports a face without one', async () => {
  await using library = await updated();
  expect(await library.embeddings([20, 21])).toHaveLength(2);
  expect(await errorCodeOf(library.embeddings([20, 3]))).toBe('library-unknown');
});

test('embeddings() state the similarity to strangers, which compare() uses', async () => {
  const facenet = new CountingFaceNet();
  const { embed } = facenet;
  facenet.embed = (async (...given: Parameters<typeof embed>) =>
    ([await embed(...given)].flat() as { quality: object }[]).map((face) => ({
      ...face,
      quality: { ...face.quality, strangerSimilarity: 0.3, strangerModel: 'mobilefacenet' },
    }))) as unknown as typeof embed;
  await using library = await Library.open({ name: 'test', facenet, storage: 'memory' });
  await library.add([photo('a', [0])]);
  const [embedding] = await library.embeddings([0]);
  expect(embedding?.quality).toEqual({ overall: 0.9, strangerSimilarity: 0.3, strangerModel: 'mobilefacenet' });
});

test('embeddings() refuses a face of other weights of the model, which an update that was stopped has reached', async () => {
  await using library = await open(new CountingFaceNet());
  await library.add([photo('a', [0, 1])]);
  const { store } = sessionOf(library);
  const [first] = (await store.list('faces')) as [FaceRow];
  await store.commit({ faces: { put: [{ ...first, generation: 1 }] } });
  expect(await errorCodeOf(library.embeddings([0, 1]))).toBe('model-mismatch');
  expect(await library.embeddings([1])).toHaveLength(1);
});
