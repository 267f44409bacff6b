import { convertToFloats, multiplyAdd, storeLanes } from './arithmetic';

// Decoding of stored weights to floats. Whole vectors are read and written: up to seven values past the end.

/** Decodes bytes: `min` + byte · `scale`. */
export function expandBytes(from: usize, count: i32, scale: f32, min: f32, to: usize): void {
  const scaleVector = f32x4.splat(scale);
  const minVector = f32x4.splat(min);
  for (let i = 0; i < count; i += 8, from += 8, to += 32) {
    const words = i16x8.extend_low_i8x16_u(v128.load64_zero(from));
    v128.store(to, multiplyAdd(convertToFloats(i32x4.extend_low_i16x8_u(words)), scaleVector, minVector));
    v128.store(to, multiplyAdd(convertToFloats(i32x4.extend_high_i16x8_u(words)), scaleVector, minVector), 16);
  }
}

/**
 * Decodes 16-bit floats (IEEE 754 binary16). Exponent and fraction, shifted to their position in a 32-bit float, give a
 * value that is 2¹¹² times too small; a multiplication corrects normal and subnormal values alike. The maximum
 * exponent, of infinity and NaN, is set separately.
 */
export function expandHalves(from: usize, count: i32, to: usize): void {
  const rescale = i32x4.splat(0x77800000);
  const maxExponent = i32x4.splat(0x7f800000);
  for (let i = 0; i < count; i += 4, from += 8, to += 16) {
    const halves = i32x4.extend_low_i16x8_u(v128.load64_zero(from));
    const sign = i32x4.shl(v128.and(halves, i32x4.splat(0x8000)), 16);
    const magnitude = i32x4.shl(v128.and(halves, i32x4.splat(0x7fff)), 13);
    const hasMaxExponent = i32x4.ge_s(magnitude, i32x4.splat(0x0f800000));
    v128.store(to, v128.or(v128.or(f32x4.mul(magnitude, rescale), v128.and(hasMaxExponent, maxExponent)), sign));
  }
}

/** Multiplies each row by a factor for each channel. */
export function scaleChannels(values: usize, rows: i32, channels: i32, factors: usize): void {
  for (let row = 0; row < rows; row++, values += (<usize>channels) << 2) {
    for (let channel = 0; channel < channels; channel += 4) {
      const offset = (<usize>channel) << 2;
      storeLanes(
        values + offset,
        f32x4.mul(v128.load(values + offset), v128.load(factors + offset)),
        channels - channel,
      );
    }
  }
}
