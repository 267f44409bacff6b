import { expect, test } from 'vitest';
import { MonotonicClock } from '../../../lib/video/monotonic-clock.ts';

test('follows the system clock until it steps back, and never decreases', () => {
  const clock = new MonotonicClock();
  expect([10, 20, 5, 15, 30].map((time) => clock.convert(time))).toEqual([10, 20, 20, 30, 45]);
});
