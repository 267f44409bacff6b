import type { Point } from '../core/types.ts';
import type { Affine } from '../image/affine.ts';

/**
 * The similarity transform (rotation, one scale, translation; no reflection) that brings `from` onto `to` with the least
 * sum of squared distances.
 *
 * Umeyama, "Least-squares estimation of transformation parameters between two point patterns", PAMI 1991. In the plane
 * the singular value decomposition has a closed form: with the points as complex numbers about their means, the
 * transform is the one complex factor Σ conj(fromᵢ)·toᵢ / Σ |fromᵢ|², which can never reflect.
 *
 * @param from at least two points, not all at one place.
 * @param to as many points.
 */
export function similarity(from: readonly Point[], to: readonly Point[]): Affine {
  const fromMean = mean(from);
  const toMean = mean(to);
  let real = 0;
  let imaginary = 0;
  let spread = 0;
  from.forEach((point, i) => {
    const target = to[i] as Point;
    const x = point.x - fromMean.x;
    const y = point.y - fromMean.y;
    const u = target.x - toMean.x;
    const v = target.y - toMean.y;
    real += x * u + y * v;
    imaginary += x * v - y * u;
    spread += x * x + y * y;
  });
  const a = real / spread;
  const b = imaginary / spread;
  return {
    a,
    b,
    c: -b,
    d: a,
    e: toMean.x - a * fromMean.x + b * fromMean.y,
    f: toMean.y - b * fromMean.x - a * fromMean.y,
  };
}

/** The mean of points. */
export function mean(points: readonly Point[]): Point {
  let x = 0;
  let y = 0;
  for (const point of points) {
    x += point.x;
    y += point.y;
  }
  return { x: x / points.length, y: y / points.length };
}
