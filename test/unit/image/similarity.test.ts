import { describe, expect, test } from 'vitest';
import { seeded as random } from '../../../lib/core/random.ts';
import type { Point } from '../../../lib/core/types.ts';
import { apply } from '../../../lib/image/affine.ts';
import { similarity } from '../../../lib/image/similarity.ts';

type Matrix = [number, number, number, number];

/**
 * Umeyama's formula with a singular value decomposition: the reference for the library's closed form.
 *
 * @returns the linear part [m11, m12, m21, m22] in row-major order, and the translation.
 */
function umeyama(from: readonly Point[], to: readonly Point[]): { linear: Matrix; move: Point } {
  const n = from.length;
  const centre = (points: readonly Point[]) => ({
    x: points.reduce((sum, { x }) => sum + x, 0) / n,
    y: points.reduce((sum, { y }) => sum + y, 0) / n,
  });
  const [f, t] = [centre(from), centre(to)];
  const s: Matrix = [0, 0, 0, 0];
  let variance = 0;
  from.forEach((point, i) => {
    const [x, y] = [point.x - f.x, point.y - f.y];
    const [u, v] = [(to[i] as Point).x - t.x, (to[i] as Point).y - t.y];
    s[0] += (u * x) / n;
    s[1] += (u * y) / n;
    s[2] += (v * x) / n;
    s[3] += (v * y) / n;
    variance += (x * x + y * y) / n;
  });
  // Σ = U D Vᵀ from the eigenvectors of ΣᵀΣ, which are V.
  const [p, q, r] = [s[0] ** 2 + s[2] ** 2, s[0] * s[1] + s[2] * s[3], s[1] ** 2 + s[3] ** 2];
  const angle = 0.5 * Math.atan2(2 * q, p - r);
  const v1 = { x: Math.cos(angle), y: Math.sin(angle) };
  const v2 = { x: -v1.y, y: v1.x };
  const image = ({ x, y }: Point) => ({ x: s[0] * x + s[1] * y, y: s[2] * x + s[3] * y });
  const [w1, w2] = [image(v1), image(v2)];
  const [d1, d2] = [Math.hypot(w1.x, w1.y), Math.hypot(w2.x, w2.y)];
  const u1 = { x: w1.x / d1, y: w1.y / d1 };
  const u2 = { x: w2.x / d2, y: w2.y / d2 };
  // For a reflection det(U)·det(V) = −1: then the second, smaller singular value is negated.
  const sign = u1.x * u2.y - u1.y * u2.x < 0 ? -1 : 1;
  const scale = (d1 + sign * d2) / variance;
  const linear: Matrix = [
    scale * (u1.x * v1.x + sign * u2.x * v2.x),
    scale * (u1.x * v1.y + sign * u2.x * v2.y),
    scale * (u1.y * v1.x + sign * u2.y * v2.x),
    scale * (u1.y * v1.y + sign * u2.y * v2.y),
  ];
  const move = { x: t.x - linear[0] * f.x - linear[1] * f.y, y: t.y - linear[2] * f.x - linear[3] * f.y };
  return { linear, move };
}

const cloud = (next: () => number, count: number): Point[] =>
  Array.from({ length: count }, () => ({ x: next() * 200 - 50, y: next() * 200 - 50 }));

const triangle: Point[] = [
  { x: 0, y: 0 },
  { x: 4, y: 0 },
  { x: 0, y: 3 },
];

describe('similarity', () => {
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

  test('never reflects, even if a reflection fits better', () => {
    const mirrored = triangle.map(({ x, y }) => ({ x: -x, y }));
    const { a, b, c, d } = similarity(triangle, mirrored);
    expect(a * d - b * c).toBeGreaterThan(0);
  });

  test('recovers the rotation, scale and translation of transformed points', () => {
    const next = random(11);
    for (let round = 0; round < 200; round++) {
      const from = cloud(next, 2 + Math.floor(next() * 6));
      const angle = (next() - 0.5) * 2 * Math.PI;
      const scale = 0.01 + next() * 20;
      const [e, f] = [next() * 4000 - 2000, next() * 4000 - 2000];
      const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
      const to = from.map(({ x, y }) => ({ x: cos * x - sin * y + e, y: sin * x + cos * y + f }));
      const found = similarity(from, to);
      for (const [value, expected] of [
        [found.a, cos],
        [found.b, sin],
        [found.c, -sin],
        [found.d, cos],
        [found.e, e],
        [found.f, f],
      ] as const) {
        expect(Math.abs(value - expected)).toBeLessThan(1e-7);
      }
    }
  });

  test.each([
    ['noisy points', (_: () => number, { x, y }: Point): Point => ({ x: 2 * x - y, y: x + 2 * y }), 30],
    ['unrelated points', (next: () => number): Point => ({ x: next() * 90, y: next() * 90 }), 0],
    ['mirrored points', (_: () => number, { x, y }: Point): Point => ({ x: -x, y }), 5],
  ] as const)('agrees with the singular value decomposition on %s, and never reflects', (_, make, noise) => {
    const next = random(12);
    for (let round = 0; round < 100; round++) {
      const from = cloud(next, 3 + Math.floor(next() * 10));
      const to = from.map((point) => {
        const { x, y } = make(next, point);
        return { x: x + (next() - 0.5) * noise, y: y + (next() - 0.5) * noise };
      });
      const { a, b, c, d, e, f } = similarity(from, to);
      const { linear, move } = umeyama(from, to);
      const expected = [linear[0], linear[2], linear[1], linear[3], move.x, move.y];
      [a, b, c, d, e, f].forEach((value, i) => {
        expect(Math.abs(value - (expected[i] as number))).toBeLessThan(1e-8);
      });
      expect(a * d - b * c).toBeGreaterThanOrEqual(0);
    }
  });
});
