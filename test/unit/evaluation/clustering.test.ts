import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bCubedScore, pairwiseScore } from '../../../lib/evaluation/clustering.ts';

describe('clustering measures', () => {
  test('match a hand calculation', () => {
    // The clusters {a a b} and {b b}, as in figure 10 of Amigó et al., 2009.
    const [labels, truth] = [
      [1, 1, 1, 2, 2],
      ['a', 'a', 'b', 'b', 'b'],
    ];
    expect(pairwiseScore(labels, truth)).toEqual({ precision: 2 / 4, recall: 2 / 4, f: 0.5 });
    const { precision, recall } = bCubedScore(labels, truth);
    expect(precision).toBeCloseTo((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5, 12);
    expect(recall).toBeCloseTo((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5, 12);
  });

  test('lie between 0 and 1, are 1 for a perfect clustering and ignore label names', () => {
    const labels = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })), { minLength: 1 });
    fc.assert(
      fc.property(labels, (pairs) => {
        const [a, b] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
        for (const score of [pairwiseScore, bCubedScore]) {
          const { precision, recall, f } = score(a, b);
          for (const value of [precision, recall, f]) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1 + 1e-12);
          }
          expect(score(a, a).f).toBeCloseTo(1, 12);
          expect(
            score(
              a.map((x) => `n${x}`),
              b,
            ),
          ).toEqual({ precision, recall, f });
          expect(score(b, a).precision).toBeCloseTo(recall, 12);
        }
      }),
    );
  });
});
