import { describe, expect, test } from 'vitest';
import { similarity } from '../../../lib/alignment/similarity.ts';
import { templates } from '../../../lib/alignment/templates.ts';
import { seeded as random } from '../../../lib/core/random.ts';
import type { Point } from '../../../lib/core/types.ts';
import { apply, invert, scaleOf, squareCrop } from '../../../lib/image/affine.ts';

const triangle: Point[] = [
  { x: 0, y: 0 },
  { x: 4, y: 0 },
  { x: 0, y: 3 },
];

describe('similarity (Umeyama)', () => {
  test('rotates, scales and translates a triangle as computed by hand', () => {
    // Rotated by 90° (x to y, y to −x), scaled by 2, translated by (10, 20).
    const to = [
      { x: 10, y: 20 },
      { x: 10, y: 28 },
      { x: 4, y: 20 },
    ];
    const { a, b, c, d, e, f } = similarity(triangle, to);
    for (const [value, expected] of [
      [a, 0],
      [b, 2],
      [c, -2],
      [d, 0],
      [e, 10],
      [f, 20],
    ] as const) {
      expect(value).toBeCloseTo(expected, 12);
    }
  });

  test('has the smallest squared error of all similarity transforms near it', () => {
    const next = random(1);
    const points = () => Array.from({ length: 5 }, () => ({ x: next() * 100, y: next() * 100 }));
    const [from, to] = [points(), points()];
    const best = similarity(from, to);
    const error = (a: number, b: number, e: number, f: number) =>
      from.reduce((sum, point, i) => {
        const { x, y } = apply({ a, b, c: -b, d: a, e, f }, point);
        return sum + (x - (to[i] as Point).x) ** 2 + (y - (to[i] as Point).y) ** 2;
      }, 0);
    const minimum = error(best.a, best.b, best.e, best.f);
    for (let i = 0; i < 2000; i++) {
      const near = (value: number) => value + (next() - 0.5) * 10 ** (-4 * next());
      expect(error(near(best.a), near(best.b), near(best.e), near(best.f))).toBeGreaterThanOrEqual(minimum);
    }
  });

  test('never reflects, even where a reflection would fit better', () => {
    const mirrored = triangle.map(({ x, y }) => ({ x: -x, y }));
    const { a, b, c, d } = similarity(triangle, mirrored);
    expect(a * d - b * c).toBeGreaterThan(0);
  });
});

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

describe('templates', () => {
  test("dlib's template is its mean face with a padding of 0.25", () => {
    // (0.25 + p) / 1.5, computed by hand for the right eye's outer corner.
    expect(templates.dlib.rightEyeOuter?.x).toBeCloseTo(0.24705004138593, 12);
    expect(templates.dlib.noseBase?.y).toBeCloseTo(0.585198354431667, 12);
  });

  test('have the right eye on the left side of the picture and the mouth below', () => {
    const { rightEye, leftEye, rightMouthCorner } = templates.arcface;
    expect((rightEye as Point).x).toBeLessThan((leftEye as Point).x);
    expect((rightMouthCorner as Point).y).toBeGreaterThan((rightEye as Point).y);
    expect((rightEye as Point).x * 112).toBeCloseTo(38.2946, 10);
  });
});
