import { seeded } from '../../../../../lib/core/random.ts';
import type { Pixels } from '../../../../../lib/core/types.ts';
import type { FloatPixels } from '../../../../../lib/image/float-pixels.ts';

/** An image of random bytes. */
export function noise(seed: number, { height, width }: { height: number; width: number }): Pixels {
  const random = seeded(seed);
  return { width, height, data: new Uint8ClampedArray(width * height * 4).map(() => random() * 256) };
}

/** An image of random floats. */
export function floatNoise(seed: number, { height, width }: { height: number; width: number }): FloatPixels {
  const random = seeded(seed);
  return { width, height, data: new Float32Array(width * height * 3).map(() => random() * 255) };
}

/** The largest absolute value, at least 0.001, so that it can be a divisor. */
export function maxMagnitude(values: Float32Array): number {
  return values.reduce((max, value) => Math.max(max, Math.abs(value)), 1e-3);
}

/** The largest difference between corresponding values, relative to a magnitude. */
export function relativeDifference(a: Float32Array, b: Float32Array, magnitude = maxMagnitude(a)): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((max, value, i) => Math.max(max, Math.abs(value - (b[i] as number))), 0) / magnitude;
}
