/**
 * Resizes an image by linear interpolation in 32-bit floats, 1 pixel × 4 channels, SIMD.
 *
 * @param nears for each column of the result, the offset of the source pixel to its left; `fars` that of the one to its right;
 *   `shares` the weight of the latter.
 * @param tops for each row of the result, the offset of the source row above; `bottoms` that of the one below; `downs` the weight of the
 *   latter, and `ups` that of the former.
 * @param rounding 0 to truncate the result, 0.5 to round it.
 */
export function resizeImage(
  input: usize,
  nears: usize,
  fars: usize,
  shares: usize,
  tops: usize,
  bottoms: usize,
  downs: usize,
  ups: usize,
  output: usize,
  width: i32,
  height: i32,
  rounding: f32,
): void {
  const half = f32x4.splat(rounding);
  for (let y = 0; y < height; y++) {
    const row = (<usize>y) << 2;
    const top = input + load<u32>(tops + row);
    const bottom = input + load<u32>(bottoms + row);
    const down = load<f32>(downs + row);
    const up = load<f32>(ups + row);
    for (let x = 0; x < width; x++, output += 4) {
      const column = (<usize>x) << 2;
      const near = <usize>load<u32>(nears + column);
      const far = <usize>load<u32>(fars + column);
      const across = load<f32>(shares + column);
      const back = <f32>1 - across;
      let sum = f32x4.mul(f32x4.splat(up * back), pixel(top + near));
      sum = f32x4.add(sum, f32x4.mul(f32x4.splat(up * across), pixel(top + far)));
      sum = f32x4.add(sum, f32x4.mul(f32x4.splat(down * back), pixel(bottom + near)));
      sum = f32x4.add(sum, f32x4.mul(f32x4.splat(down * across), pixel(bottom + far)));
      const whole = i32x4.trunc_sat_f32x4_s(f32x4.add(sum, half));
      const words = i16x8.narrow_i32x4_s(whole, whole);
      v128.store_lane<u32>(output, i8x16.narrow_i16x8_u(words, words), 0);
    }
  }
}

/** The four channels of a pixel as floats. */
function pixel(at: usize): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at))));
}
