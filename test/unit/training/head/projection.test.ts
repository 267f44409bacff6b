import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seeded } from '../../../../lib/core/random.ts';
import { countNumbers, initialProjection, project, projectionOf } from '../../../../lib/training/head/projection.ts';
import { noisyPeople, normal, unitVector } from './noisy-people.ts';

const distance = (a: ArrayLike<number> = [], b: ArrayLike<number> = []) =>
  Math.hypot(...Array.from(a, (value, i) => value - (b[i] as number)));

describe('an untrained head', () => {
  const vectors = noisyPeople(6, 4).map(({ embedding }) => embedding);

  test('preserves embeddings for the same or a higher dimension, with and without a hidden layer', () => {
    for (const [outputs, hidden] of [
      [24, 0],
      [24, 8],
      [30, 8],
    ] as const) {
      const projection = initialProjection({ inputs: 24, outputs, hidden }, vectors, seeded(1));
      for (const [i, unit] of project(projection, vectors).units.entries()) {
        expect(unit).toHaveLength(outputs);
        expect(distance(unit.subarray(0, 24), vectors[i])).toBeCloseTo(0, 6);
        expect(unit.subarray(24).every((value) => value === 0)).toBe(true);
      }
    }
  });

  test('preserves distances for a lower dimension that contains all variance', () => {
    const flat = vectors.map((vector) => unitVector(Array.from(vector, (value, i) => (i < 5 ? value : 0))));
    const projection = initialProjection({ inputs: 24, outputs: 6, hidden: 0 }, flat, seeded(1));
    const { units } = project(projection, flat);
    expect(distance(units[0], units[9])).toBeCloseTo(distance(flat[0], flat[9]), 4);
  });

  test('returns L2-normalised vectors', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 }), (values) => {
        const random = seeded(3);
        const shape = { inputs: 8, outputs: 5, hidden: 3 };
        const projection = projectionOf(
          shape,
          Float64Array.from({ length: countNumbers(shape) }, () => normal(random)),
        );
        const [unit] = project(projection, [values]).units;
        expect(Math.hypot(...(unit as Float64Array))).toBeCloseTo(1, 9);
      }),
    );
  });
});
