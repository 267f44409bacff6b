import { multiplyAdd, storeLanes, toFloats } from './arithmetic';

// Weights, expanded to floats from the form in which they are stored. What is read and written comes in whole vectors: up to
// seven values more than there are.

/** Bytes as steps: `min` + byte · `scale`. */
export function expandBytes(from: usize, count: i32, scale: f32, min: f32, to: usize): void {
  const step = f32x4.splat(scale);
  const least = f32x4.splat(min);
  for (let i = 0; i < count; i += 8, from += 8, to += 32) {
    const words = i16x8.extend_low_i8x16_u(v128.load64_zero(from));
    v128.store(to, multiplyAdd(toFloats(i32x4.extend_low_i16x8_u(words)), step, least));
    v128.store(to, multiplyAdd(toFloats(i32x4.extend_high_i16x8_u(words)), step, least), 16);
  }
}

/**
 * Floats of 16 bits (IEEE 754 binary16). Their exponent and fraction, moved to where a float has them, are a number that is 2¹¹²
 * times too small, whether it is normal or subnormal. The largest exponent stays the largest: infinity, or no number.
 */
export function expandHalves(from: usize, count: i32, to: usize): void {
  const excess = i32x4.splat(0x77800000);
  const largest = i32x4.splat(0x7f800000);
  for (let i = 0; i < count; i += 4, from += 8, to += 16) {
    const halves = i32x4.extend_low_i16x8_u(v128.load64_zero(from));
    const sign = i32x4.shl(v128.and(halves, i32x4.splat(0x8000)), 16);
    const size = i32x4.shl(v128.and(halves, i32x4.splat(0x7fff)), 13);
    const isLargest = i32x4.ge_s(size, i32x4.splat(0x0f800000));
    v128.store(to, v128.or(v128.or(f32x4.mul(size, excess), v128.and(isLargest, largest)), sign));
  }
}

/** Multiplies each row of values by a factor for each of its channels. */
export function scaleChannels(values: usize, rows: i32, channels: i32, factors: usize): void {
  for (let row = 0; row < rows; row++, values += (<usize>channels) << 2) {
    for (let channel = 0; channel < channels; channel += 4) {
      const at = (<usize>channel) << 2;
      storeLanes(values + at, f32x4.mul(v128.load(values + at), v128.load(factors + at)), channels - channel);
    }
  }
}
