import { describe, expect, test } from 'vitest';
import { alignment } from '../../../lib/alignment/align.ts';
import { similarity } from '../../../lib/alignment/similarity.ts';
import { templates } from '../../../lib/alignment/templates.ts';
import { seeded as random } from '../../../lib/core/random.ts';
import type { Landmarks, Point } from '../../../lib/core/types.ts';
import { apply } from '../../../lib/image/affine.ts';

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

describe('similarity', () => {
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

describe('templates', () => {
  test("dlib's template is (p + 0.25) / 1.5 for every point p of its mean face", () => {
    const meanFace = {
      rightEyeOuter: [0.1205750620789, 0.2137274526848],
      rightEyeInner: [0.3340850613712, 0.2290642403242],
      leftEyeInner: [0.6460604764104, 0.2289674387677],
      leftEyeOuter: [0.8595674595992, 0.2134981538014],
      noseBase: [0.4901123135679, 0.6277975316475],
    };
    expect(templates.dlib).toEqual(
      Object.fromEntries(
        Object.entries(meanFace).map(([name, [x = 0, y = 0]]) => [
          name,
          { x: expect.closeTo((x + 0.25) / 1.5, 12), y: expect.closeTo((y + 0.25) / 1.5, 12) },
        ]),
      ),
    );
  });

  test('ArcFace’s template is the published 112-pixel crop', () => {
    const published = [
      ['rightEye', 38.2946, 51.6963],
      ['leftEye', 73.5318, 51.5014],
      ['noseTip', 56.0252, 71.7366],
      ['rightMouthCorner', 41.5493, 92.3655],
      ['leftMouthCorner', 70.7299, 92.2041],
    ] as const;
    expect(Object.keys(templates.arcface).sort()).toEqual(published.map(([name]) => name).sort());
    for (const [name, x, y] of published) {
      expect((templates.arcface[name] as Point).x * 112).toBeCloseTo(x, 9);
      expect((templates.arcface[name] as Point).y * 112).toBeCloseTo(y, 9);
    }
  });
});

describe('alignment', () => {
  /** A position of the template in a picture: rotated by 30°, 400 pixels per side of the crop. */
  const turned = ({ x, y }: Point): Point => ({
    x: 400 * (Math.cos(Math.PI / 6) * x - Math.sin(Math.PI / 6) * y) + 1000,
    y: 400 * (Math.sin(Math.PI / 6) * x + Math.cos(Math.PI / 6) * y) + 500,
  });
  const points: Point[] = Array.from({ length: 68 }, () => ({ x: Number.NaN, y: Number.NaN }));
  for (const [index, name] of [
    [36, 'rightEyeOuter'],
    [39, 'rightEyeInner'],
    [42, 'leftEyeInner'],
    [45, 'leftEyeOuter'],
    [33, 'noseBase'],
  ] as const) {
    points[index] = turned(templates.dlib[name] as Point);
  }
  const landmarks: Landmarks = { scheme: 'ibug-68', points };

  test('maps a face that was made from the template exactly onto it', () => {
    const transform = alignment(landmarks, 'dlib', 150);
    for (const point of [
      { x: 0, y: 0 },
      { x: 1, y: 0.25 },
      { x: 0.5, y: 1 },
    ]) {
      const { x, y } = apply(transform, { x: point.x * 150, y: point.y * 150 });
      expect([x, y]).toEqual([expect.closeTo(turned(point).x, 8), expect.closeTo(turned(point).y, 8)]);
    }
  });

  test('scales by the zoom without rotating', () => {
    const [plain, wide] = [alignment(landmarks, 'dlib', 150), alignment(landmarks, 'dlib', 150, 1.25)];
    for (const key of ['a', 'b', 'c', 'd'] as const) expect(wide[key]).toBeCloseTo(plain[key] * 1.25, 9);
  });
});
