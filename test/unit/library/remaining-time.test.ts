import { expect, test } from 'vitest';
import { RemainingTime } from '../../../lib/library/photos/remaining-time.ts';

test('the remaining time follows from recent files, once two are done', () => {
  const remaining = new RemainingTime(2);
  remaining.add(10_000);
  expect(remaining.estimate(5)).toBeUndefined();
  for (let i = 0; i < 20; i++) remaining.add(100);
  // Two files are indexed at once.
  expect(remaining.estimate(50)).toBe(2500);
});
