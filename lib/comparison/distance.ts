import type { Metric } from '../core/types.ts';

/**
 * The Euclidean distance ‖a − b‖ of two vectors of the same length, 0 or more.
 *
 * @param a a vector.
 * @param b another vector, of the same length.
 */
export function euclideanDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

/**
 * The cosine distance 1 − a·b / (‖a‖‖b‖) of two vectors of the same length: 0 (same direction) to 2 (opposite). The
 * distance to a zero vector is defined as 1.
 *
 * @param a a vector.
 * @param b another vector, of the same length.
 */
export function cosineDistance(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let lengthA = 0;
  let lengthB = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] as number;
    const y = b[i] as number;
    dot += x * y;
    lengthA += x * x;
    lengthB += y * y;
  }
  const product = Math.sqrt(lengthA * lengthB);
  return product === 0 ? 1 : 1 - dot / product;
}

/** The distance function of each metric. */
export const distances: Record<Metric, (a: Float32Array, b: Float32Array) => number> = {
  euclidean: euclideanDistance,
  cosine: cosineDistance,
};
