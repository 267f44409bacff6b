import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leastDetail } from '../../../lib/quality/detail.ts';

const size = 40;
const region = { left: 8, top: 8, right: 32, bottom: 32 };
const picture = (valueAt: (x: number, y: number) => number) =>
  Float32Array.from({ length: size * size }, (_, i) => valueAt(i % size, Math.floor(i / size)));

describe('the detail in the direction with the least of it', () => {
  test('is 0 for stripes along any of the four directions, at every scale', () => {
    for (const across of [
      (x: number) => x,
      (_: number, y: number) => y,
      (x: number, y: number) => x + y,
      (x: number, y: number) => x - y,
    ]) {
      const stripes = picture((x, y) => Math.sin(1.3 * across(x, y)));
      for (const detail of leastDetail(stripes, size, region)) expect(detail).toBeCloseTo(0, 5);
    }
  });

  test('of independent pixels is the deviation of a difference to the mean of two', () => {
    let state = 1;
    const noise = picture(() => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      return (state >>> 8) / 2 ** 24;
    });
    // Var(x − (a + b) / 2) = 1.5 Var(x), and a uniform number has the variance 1 / 12.
    for (const detail of leastDetail(noise, size, region)) expect(detail).toBeCloseTo(Math.sqrt(1.5 / 12), 1);
  });

  test('is the same for a picture that is mirrored or turned by 90 degrees', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (stream) => {
        const values = [...stream.take(size * size)];
        const at = (x: number, y: number) => values[y * size + x] as number;
        const expected = leastDetail(picture(at), size, region);
        const others = [picture((x, y) => at(size - 1 - x, y)), picture((x, y) => at(y, x))];
        for (const other of others) {
          leastDetail(other, size, region).forEach((detail, i) => {
            expect(detail).toBeCloseTo(expected[i] as number, 5);
          });
        }
      }),
      { numRuns: 10 },
    );
  });

  test('is 0 for a picture too small for a scale', () => {
    const dot = Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0);
    const [fine, ...others] = leastDetail(dot, 3, { left: 0, top: 0, right: 3, bottom: 3 });
    // One of the three pixels with a neighbour on both sides differs from them.
    expect(fine).toBeCloseTo(Math.sqrt(1 / 3), 12);
    expect(others).toEqual([0, 0]);
  });
});
