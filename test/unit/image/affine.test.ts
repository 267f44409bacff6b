import { describe, expect, test } from 'vitest';
import { apply, invert, scaleOf, squareCrop } from '../../../lib/image/affine.ts';

describe('affine transforms', () => {
  test('invert() reverses a transform', () => {
    const transform = { a: 2, b: 0.5, c: -1, d: 3, e: 7, f: -4 };
    const { x, y } = apply(invert(transform), apply(transform, { x: 12, y: 34 }));
    expect(x).toBeCloseTo(12, 10);
    expect(y).toBeCloseTo(34, 10);
  });

  test('squareCrop() places a square at its centre, rotated clockwise', () => {
    const transform = squareCrop({ x: 50, y: 60 }, 20, Math.PI / 2, 10);
    expect(scaleOf(transform)).toBeCloseTo(2, 12);
    const { x, y } = apply(transform, { x: 5, y: 5 });
    expect([x, y]).toEqual([expect.closeTo(50, 10), expect.closeTo(60, 10)]);
    // The crop's right edge is the lower edge of the source square.
    const right = apply(transform, { x: 10, y: 5 });
    expect([right.x, right.y]).toEqual([expect.closeTo(50, 10), expect.closeTo(70, 10)]);
  });
});
