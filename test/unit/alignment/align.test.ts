import { describe, expect, test } from 'vitest';
import { alignment } from '../../../lib/alignment/align.ts';
import { templates } from '../../../lib/alignment/templates.ts';
import type { Landmarks, Point } from '../../../lib/core/types.ts';
import { apply } from '../../../lib/image/affine.ts';

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

  test('maps landmarks computed from the template back onto the template', () => {
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
