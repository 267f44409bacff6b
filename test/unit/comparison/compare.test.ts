import { describe, expect, test } from 'vitest';
import { type ComparisonRule, compareEmbeddings } from '../../../lib/comparison/compare.ts';
import { cosineDistance, euclideanDistance } from '../../../lib/comparison/distance.ts';
import { FaceNetError } from '../../../lib/core/errors.ts';
import type { Calibration } from '../../../lib/core/types.ts';

const vector = (...values: number[]) => Float32Array.from(values);
const embedding = (...values: number[]) => ({ embedding: vector(...values), model: 'm' });

describe('distances', () => {
  test('match a hand calculation', () => {
    expect(euclideanDistance(vector(1, 2, 2), vector(1, -1, -2))).toBe(5);
    expect(cosineDistance(vector(1, 0), vector(0, 3))).toBe(1);
    expect(cosineDistance(vector(1, 1), vector(2, 2))).toBeCloseTo(0, 12);
    expect(cosineDistance(vector(1, 0), vector(-5, 0))).toBe(2);
    expect(cosineDistance(vector(0, 0), vector(1, 0))).toBe(1);
  });
});

describe('compareEmbeddings', () => {
  const calibration: Calibration = {
    logOdds: [Math.log(3) * 6, -Math.log(3)],
    thresholds: [
      { far: 0.01, distance: 7 },
      { far: 0.001, distance: 5 },
    ],
  };
  const rule: ComparisonRule = { model: 'm', dimension: 2, metric: 'euclidean', calibration };

  test('accepts distances up to the threshold and returns the probability', () => {
    // At a distance of 5 the odds are 3 to 1.
    expect(compareEmbeddings(embedding(0, 0), embedding(3, 4), rule)).toEqual({
      same: true,
      probability: expect.closeTo(0.75, 10),
      distance: 5,
      threshold: 5,
      basis: 'distance',
    });
    expect(compareEmbeddings(embedding(0, 0), embedding(3, 4.1), rule).same).toBe(false);
  });

  test('accepts bare vectors of length 1, also rounded ones', () => {
    expect(compareEmbeddings(vector(1, 0), vector(0, 0.995), rule).distance).toBeCloseTo(1.41, 2);
  });

  test('rejects unknown options', () => {
    const compare = () => compareEmbeddings(vector(1, 0), vector(1, 0), rule, { threshold: 0.6 } as object);
    expect(compare).toThrow(
      expect.objectContaining({ code: 'option-invalid', message: expect.stringContaining('"far"') }),
    );
  });

  test('interpolates the threshold over the logarithm of the false-accept rate', () => {
    const threshold = (far: number) => compareEmbeddings(embedding(0, 0), embedding(3, 4), rule, { far }).threshold;
    expect(threshold(0.01)).toBe(7);
    expect(threshold(10 ** -2.5)).toBeCloseTo(6, 10);
    for (const far of [0.1, 1e-4, 0, -1, Number.NaN]) {
      expect(() => threshold(far)).toThrow(expect.objectContaining({ code: 'option-invalid' }));
    }
  });

  test.each([
    [{ embedding: vector(0, 0), model: 'other' }, 'model-mismatch'],
    [vector(0, 0, 0), 'model-mismatch'],
    [vector(0, Number.NaN), 'option-invalid'],
    [{ embedding: vector(0, Number.POSITIVE_INFINITY), model: 'm' }, 'option-invalid'],
    [[0, 0], 'option-invalid'],
    [null, 'option-invalid'],
    [{ model: 'm' }, 'option-invalid'],
    // A descriptor of face-api has this length.
    [vector(1, 1), 'model-mismatch'],
    [vector(0, 0), 'model-mismatch'],
    [vector(0.985, 0), 'model-mismatch'],
  ])('throws for %j: %s', (value, code) => {
    for (const compare of [
      () => compareEmbeddings(value as Float32Array, embedding(0, 0), rule),
      () => compareEmbeddings(embedding(0, 0), value as Float32Array, rule),
    ]) {
      expect(compare).toThrow(FaceNetError);
      expect(compare).toThrow(expect.objectContaining({ code }));
    }
  });
});
