import fc from 'fast-check';
import { expect, test } from 'vitest';
import { probabilityAt } from '../../../lib/comparison/calibration.ts';
import { questionProbability } from '../../../lib/library/people/question-probability.ts';

const count = fc.integer({ min: 0, max: 1_000_000 });
const logOdds = fc.double({ min: 0, max: 10, noNaN: true });
const distances = fc.integer({ min: 1, max: 25 });

test('the probability grows with similarity and joined faces, and falls with the number of near pairs', () => {
  fc.assert(
    fc.property(logOdds, distances, count, count, (logOdds, distances, near, joins) => {
      const probability = questionProbability({ logOdds, distances }, { near, joins });
      expect(probability).toBeGreaterThanOrEqual(0);
      expect(probability).toBeLessThanOrEqual(1);
      const nearer = questionProbability({ logOdds: logOdds + 1, distances }, { near, joins });
      expect(nearer).toBeGreaterThanOrEqual(probability);
      expect(questionProbability({ logOdds, distances }, { near, joins: joins + 1000 })).toBeGreaterThanOrEqual(
        probability,
      );
      if (near > 2 * (joins + 20)) {
        expect(questionProbability({ logOdds, distances }, { near: 2 * near, joins })).toBeLessThanOrEqual(probability);
      }
    }),
  );
});

test('the probability of two faces is about that of their distance if there are few pairs', () => {
  for (const near of [0, 1, 5]) {
    for (const distance of [0.5, 0.55, 0.6]) {
      const calibration = { logOdds: [18.44, -29.46] as [number, number], thresholds: [] };
      const comparison = { logOdds: 18.44 - 29.46 * distance, distances: 1 };
      const probability = questionProbability(comparison, { near, joins: 0 });
      expect(Math.abs(probability - probabilityAt(distance, calibration))).toBeLessThan(0.05);
    }
  }
});
