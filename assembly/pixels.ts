import { convertToFloats, storeLanes } from './arithmetic';

/**
 * Normalises RGBA bytes to a network's input: three floats per pixel, (value − mean) · scale.
 *
 * @param reversed whether the network's channels are BGR. The means and scales are in the order of the network's
 *   channels.
 */
export function toInput(
  pixels: usize,
  output: usize,
  outputRow: u32,
  height: i32,
  width: i32,
  reversed: bool,
  mean0: f32,
  mean1: f32,
  mean2: f32,
  scale0: f32,
  scale1: f32,
  scale2: f32,
): void {
  const means = f32x4.replace_lane(f32x4.replace_lane(f32x4.splat(mean0), 1, mean1), 2, mean2);
  const scales = f32x4.replace_lane(f32x4.replace_lane(f32x4.splat(scale0), 1, scale1), 2, scale2);
  for (let y = 0; y < height; y++) {
    let to = output + y * outputRow;
    for (let x = 0; x < width; x++, pixels += 4, to += 12) {
      let bytes = v128.load32_zero(pixels);
      if (reversed) bytes = v128.shuffle<u8>(bytes, bytes, 2, 1, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
      const words = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes));
      const values = f32x4.mul(f32x4.sub(convertToFloats(words), means), scales);
      // The fourth lane is overwritten by the next pixel; at the end of a row it would overwrite the padding.
      if (x + 1 < width) v128.store(to, values);
      else storeLanes(to, values, 3);
    }
  }
}
