import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { euclideanDistance } from '../../../lib/comparison/distance.ts';
import { seeded as random } from '../../../lib/core/random.ts';
import { TemplateKey } from '../../../lib/gallery/crypto/rotation.ts';
import { farFor, fpirAt } from '../../../lib/gallery/open-set.ts';
import { ExactIndex } from '../../../lib/gallery/search/exact.ts';
import { QuantisedIndex } from '../../../lib/gallery/search/quantised.ts';
import type { IndexEntry, Neighbour, VectorIndex } from '../../../lib/gallery/search/vector-index.ts';
import { Synthetic } from '../../support/synthetic.ts';

/** What comparing one by one finds. */
function bruteForce(entries: readonly IndexEntry[], probe: Float32Array, limit: number, within: number): Neighbour[] {
  return entries
    .map(({ id, person, embedding }) => ({ id, person, distance: euclideanDistance(embedding, probe) }))
    .filter(({ distance }) => distance <= within)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit);
}

const kinds: [string, (dimension: number) => VectorIndex][] = [
  ['ExactIndex', (dimension) => new ExactIndex(dimension)],
  ['QuantisedIndex', (dimension) => new QuantisedIndex(dimension)],
];

describe.each(kinds)('%s', (_, make) => {
  test('answers as brute force does, whatever the vectors', async () => {
    const dimension = 20;
    const vector = fc.float32Array({ minLength: dimension, maxLength: dimension, min: -1, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        fc.array(vector, { maxLength: 80 }),
        vector,
        fc.integer({ min: 1, max: 12 }),
        fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.double({ min: 0, max: 4, noNaN: true })),
        fc.array(fc.integer({ min: 0, max: 80 })),
        async (vectors, probe, limit, within, gone) => {
          const entries = vectors.map((embedding, i) => ({ id: `${i}`, person: `p${i % 3}`, embedding }));
          const index = make(dimension);
          await index.add(entries);
          await index.remove(gone.map(String));
          const left = entries.filter(({ id }) => !gone.includes(Number(id)));
          expect(await index.size).toBe(left.length);
          expect(await index.search(probe, { limit, within })).toEqual(bruteForce(left, probe, limit, within));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('answers as brute force does for faces', async () => {
    const synthetic = new Synthetic(3);
    const people = Array.from({ length: 300 }, () => synthetic.person());
    const entries = people.flatMap((person, p) =>
      [0.2, 0.3, 0.4].map((apart, i) => ({
        id: `${p}-${i}`,
        person: `${p}`,
        embedding: synthetic.near(person, apart),
      })),
    );
    const index = make(128);
    await index.add(entries);
    for (const person of people.slice(0, 30)) {
      const probe = synthetic.near(person, 0.3);
      for (const within of [0.3, 0.6, Number.POSITIVE_INFINITY]) {
        expect(await index.search(probe, { limit: 10, within })).toEqual(bruteForce(entries, probe, 10, within));
      }
    }
  });

  test('replaces a template of the same id, and refuses another length', async () => {
    const index = make(2);
    await index.add([{ id: 'a', person: 'p', embedding: new Float32Array([1, 0]) }]);
    await index.add([{ id: 'a', person: 'q', embedding: new Float32Array([0, 1]) }]);
    expect(await index.search(new Float32Array([0, 1]))).toEqual([{ id: 'a', person: 'q', distance: 0 }]);
    await expect(index.search(new Float32Array(3))).rejects.toMatchObject({ code: 'model-mismatch' });
    await expect(index.search(new Float32Array(2), { limit: 0 })).rejects.toMatchObject({ code: 'option-invalid' });
  });
});

describe('the open-set rates', () => {
  test("are each other's inverse, and exact where rates are tiny", () => {
    expect(fpirAt(1e-3, 1)).toBeCloseTo(1e-3, 15);
    expect(fpirAt(1e-3, 1000)).toBeCloseTo(1 - 0.999 ** 1000, 12);
    expect(fpirAt(1e-18, 1000)).toBeCloseTo(1e-15, 25);
    expect(fpirAt(1e-3, 0)).toBe(0);
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 0.9, noNaN: true }),
        fc.integer({ min: 1, max: 1e6 }),
        (fpir, templates) => {
          expect(fpirAt(farFor(fpir, templates), templates)).toBeCloseTo(fpir, 9);
        },
      ),
    );
  });

  test('hold for strangers who err independently', () => {
    // A stranger to each of 50 templates is within the threshold by chance alone.
    const chance = random(1);
    const trials = 20_000;
    let taken = 0;
    for (let i = 0; i < trials; i++) if (Array.from({ length: 50 }, chance).some((value) => value < 0.002)) taken++;
    expect(taken / trials).toBeCloseTo(fpirAt(0.002, 50), 2);
  });
});

describe('a rotation', () => {
  const key = (fill: number) => TemplateKey.from(new Uint8Array(32).fill(fill));

  test('leaves distances as they are, and can be undone', async () => {
    for (const dimension of [1, 2, 3, 128, 512]) {
      const rotation = await (await key(1)).rotation(dimension);
      const synthetic = new Synthetic(dimension);
      const [a, b] = [synthetic.person(dimension), synthetic.person(dimension)];
      expect(euclideanDistance(rotation.apply(a), rotation.apply(b))).toBeCloseTo(euclideanDistance(a, b), 6);
      expect(euclideanDistance(rotation.undo(rotation.apply(a)), a)).toBeLessThan(1e-6);
    }
  });

  test('is the same for the same key, and strange to another', async () => {
    const embedding = new Synthetic().person();
    const [one, again, other] = await Promise.all(
      [key(1), key(1), key(2)].map(async (each) => (await (await each).rotation(128)).apply(embedding)),
    );
    if (!one || !again || !other) throw new Error();
    expect(one).toEqual(again);
    expect(euclideanDistance(one, other)).toBeGreaterThan(1);
    expect(euclideanDistance(one, embedding)).toBeGreaterThan(1);
    expect((await key(1)).matches((await key(1)).check)).toBe(true);
    expect((await key(1)).matches((await key(2)).check)).toBe(false);
  });

  test('lays a direction anywhere, evenly', async () => {
    // The mean of many rotated first axes is near zero, and their squares share the length evenly.
    const axis = new Float32Array(4);
    axis[0] = 1;
    const sums = [0, 0, 0, 0];
    const squares = [0, 0, 0, 0];
    const keys = 400;
    for (let i = 0; i < keys; i++) {
      const bytes = new Uint8Array(32);
      new DataView(bytes.buffer).setUint32(0, i);
      const turned = (await (await TemplateKey.from(bytes)).rotation(4)).apply(axis);
      turned.forEach((value, j) => {
        sums[j] = (sums[j] as number) + value / keys;
        squares[j] = (squares[j] as number) + value ** 2 / keys;
      });
    }
    for (const sum of sums) expect(Math.abs(sum)).toBeLessThan(0.1);
    for (const square of squares) expect(square).toBeCloseTo(0.25, 1);
  });
});
