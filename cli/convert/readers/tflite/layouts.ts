import type { Constant } from './tflite-file.ts';

/** Transposes a filter or matrix: [out, height, width, in] → [height, width, in, out], or [out, in] → [in, out]. */
export function outputsLast({ shape: [out = 1, ...inner], values }: Constant): Constant {
  const transposed = values.slice();
  const innerSize = values.length / out;
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < innerSize; i++) transposed[i * out + o] = values[o * innerSize + i] as number;
  }
  return { shape: [...inner, out], values: transposed };
}

/**
 * Reshapes a depthwise filter: [1, height, width, in · multiplier] → [height, width, in, multiplier], with the same order of values.
 *
 * @throws {RangeError} when the filter does not match the input's channels.
 */
export function depthwiseFilter({ shape, values }: Constant, channels: number): Constant {
  const [, height, width, filters] = shape as [number, number, number, number];
  if (!Number.isInteger(filters / channels)) throw new RangeError('a filter does not match its input');
  return { shape: [height, width, channels, filters / channels], values };
}
