import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { euclideanDistance } from '../../../lib/comparison/distance.ts';
import { ExactIndex } from '../../../lib/gallery/search/exact.ts';
import { QuantisedIndex } from '../../../lib/gallery/search/quantised.ts';
import type { IndexEntry, Neighbour, VectorIndex } from '../../../lib/gallery/search/vector-index.ts';
import { Synthetic } from '../../support/synthetic.ts';

/** An independent reference: compares the probe with every entry and sorts. */
function bruteForce(entries: readonly IndexEntry[], probe: Float32Array, limit: number, within: number): Neighbour[] {
  return entries
    .map(({ id, person, embedding }) => ({ id, person, distance: euclideanDistance(embedding, probe) }))
    .filter(({ distance }) => distance <= within)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit);
}

const indexes: [string, (dimension: number) => VectorIndex][] = [
  ['ExactIndex', (dimension) => new ExactIndex(dimension)],
  ['QuantisedIndex', (dimension) => new QuantisedIndex(dimension)],
];

describe.each(indexes)('%s', (_, create) => {
  test('returns the same neighbours as brute force for random vectors', async () => {
    const dimension = 20;
    const vector = fc.float32Array({ minLength: dimension, maxLength: dimension, min: -1, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        fc.array(vector, { maxLength: 80 }),
        vector,
        fc.integer({ min: 1, max: 12 }),
        fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.double({ min: 0, max: 4, noNaN: true })),
        fc.array(fc.integer({ min: 0, max: 80 })),
        async (vectors, probe, limit, within, removed) => {
          const entries = vectors.map((embedding, i) => ({ id: `${i}`, person: `p${i % 3}`, embedding }));
          const index = create(dimension);
          await index.add(entries);
          await index.remove(removed.map(String));
          const remaining = entries.filter(({ id }) => !removed.includes(Number(id)));
          expect(await index.size).toBe(remaining.length);
          expect(await index.search(probe, { limit, within })).toEqual(bruteForce(remaining, probe, limit, within));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('returns the same neighbours as brute force for clusters of faces', async () => {
    const synthetic = new Synthetic(3);
    const people = Array.from({ length: 300 }, () => synthetic.person());
    const entries = people.flatMap((person, p) =>
      [0.2, 0.3, 0.4].map((distance, i) => ({
        id: `${p}-${i}`,
        person: `${p}`,
        embedding: synthetic.near(person, distance),
      })),
    );
    const index = create(128);
    await index.add(entries);
    for (const person of people.slice(0, 30)) {
      const probe = synthetic.near(person, 0.3);
      for (const within of [0.3, 0.6, Number.POSITIVE_INFINITY]) {
        expect(await index.search(probe, { limit: 10, within })).toEqual(bruteForce(entries, probe, 10, within));
      }
    }
  });

  test('replaces a template with the same id and rejects other dimensions and limits', async () => {
    const index = create(2);
    await index.add([{ id: 'a', person: 'p', embedding: new Float32Array([1, 0]) }]);
    await index.add([{ id: 'a', person: 'q', embedding: new Float32Array([0, 1]) }]);
    expect(await index.search(new Float32Array([0, 1]))).toEqual([{ id: 'a', person: 'q', distance: 0 }]);
    await expect(index.search(new Float32Array(3))).rejects.toMatchObject({ code: 'model-mismatch' });
    await expect(index.search(new Float32Array(2), { limit: 0 })).rejects.toMatchObject({ code: 'option-invalid' });
  });
});
