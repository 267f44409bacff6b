import { expect, test } from 'vitest';
import { validate } from '../../../../lib/training/head/validation.ts';

test('the decidability index is the difference of the means in pooled standard deviations', () => {
  const pairs = [1, 2, 3].flatMap((distance) => [
    { same: true, distance },
    { same: false, distance: distance + 5 },
  ]);
  expect(validate(pairs).decidability).toBeCloseTo(5 / Math.sqrt(2 / 3), 9);
  expect(validate(pairs).equalErrorRate).toBe(0);
});
