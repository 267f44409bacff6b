import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seeded } from '../../../lib/core/random.ts';
import { farFor, fpirAt } from '../../../lib/gallery/open-set.ts';

describe('open-set error rates', () => {
  test('fpirAt and farFor are inverse and accurate for tiny rates', () => {
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

  test('fpirAt predicts the share of impostors accepted with independent errors', () => {
    // Each of 50 comparisons is a false accept with the same probability.
    const random = seeded(1);
    const trials = 20_000;
    let accepted = 0;
    for (let i = 0; i < trials; i++) {
      if (Array.from({ length: 50 }, random).some((value) => value < 0.002)) accepted++;
    }
    expect(accepted / trials).toBeCloseTo(fpirAt(0.002, 50), 2);
  });
});
