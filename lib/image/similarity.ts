import type { Point } from '../core/types.ts';
import type { Affine } from './affine.ts';

/**
 * The least-squares similarity transform (rotation, uniform scale and translation, without reflection) from `from` to
 * `to`.
 *
 * Umeyama, "Least-squares estimation of transformation parameters between two point patterns", PAMI 1991. In the plane
 * the singular value decomposition has a closed form: with the points as complex numbers minus their means, the
 * transform is the multiplication by Σ conj(fromᵢ)·toᵢ / Σ |fromᵢ|², which is never a reflection.
 *
 * @param from at least two points that do not all coincide.
 * @param to the same number of points.
 */
export function similarity(from: readonly Point[], to: readonly Point[]): Affine {
  const fromMean = mean(from);
  const toMean = mean(to);
  let real = 0;
  let imaginary = 0;
  let variance = 0;
  from.forEach((point, i) => {
    const target = to[i] as Point;
    const x = point.x - fromMean.x;
    const y = point.y - fromMean.y;
    const u = target.x - toMean.x;
    const v = target.y - toMean.y;
    real += x * u + y * v;
    imaginary += x * v - y * u;
    variance += x * x + y * y;
  });
  const a = real / variance;
  const b = imaginary / variance;
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
