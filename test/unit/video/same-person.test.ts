import { expect, test } from 'vitest';
import type { ComparisonRule } from '../../../lib/comparison/compare.ts';
import { samePersonBy } from '../../../lib/video/same-person.ts';

/** Strangers are 1.0 apart in clear photos, and 0.5 in the poorest. */
const rule: ComparisonRule = {
  model: 'm',
  dimension: 2,
  metric: 'euclidean',
  calibration: {
    logOdds: [16, -20],
    thresholds: [
      { far: 0.01, distance: 0.8 },
      { far: 0.001, distance: 0.7 },
    ],
    conditional: {
      reference: { mean: 1, deviation: 0.1 },
      points: [
        { similarity: 0.3, mean: 1, deviation: 0.1, logOdds: [16, -20] },
        { similarity: 0.8, mean: 0.5, deviation: 0.1, logOdds: [8, -20] },
      ],
      limit: 0.7,
      strangerModel: 'first',
    },
  },
};
const face = (x: number, strangerSimilarity?: number) => ({
  embedding: Float32Array.of(x, 0),
  model: 'm',
  quality: { overall: 0.5, ...(strangerSimilarity !== undefined && { strangerSimilarity, strangerModel: 'first' }) },
});

test('faces of a video are compared by their quality, at the rate that is asked for', () => {
  const samePerson = samePersonBy(rule);
  const between = (distance: number, a?: number, b?: number, far = 0.001) =>
    samePerson(face(0, a), face(distance, b), far);
  expect(between(0.65)).toBe(true);
  expect(between(0.75)).toBe(false);
  expect(between(0.75, undefined, undefined, 0.01)).toBe(true);
  expect(between(0.65, 0.3, 0.9)).toBe(true);
  expect(between(0.65, 0.6, 0.9)).toBe(false);
  expect(between(0.1, 0.9, 0.75)).toBeUndefined();
});
