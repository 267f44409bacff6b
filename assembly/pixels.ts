import { storeLanes, toFloats } from './arithmetic';

/**
 * Turns a picture's bytes (red, green, blue, alpha) into a network's input: three floats a pixel, each (value − mean) · scale.
 *
 * @param reversed whether the network wants blue first. The means and scales are in the order of the network's channels.
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
      const values = f32x4.mul(f32x4.sub(toFloats(words), means), scales);
      // A fourth lane would be the next pixel's first, but at a row's end it is the zeros around the picture.
      if (x + 1 < width) v128.store(to, values);
      else storeLanes(to, values, 3);
    }
  }
}
