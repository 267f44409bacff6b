import { clamped, loadLanes, rectified, storeLanes } from './arithmetic';

/**
 * mul, 1 pixel × 4 channels, SIMD: the product of two tensors, with activation. With `rightRow` and `rightColumn` 0, one
 * pixel of the right tensor is repeated.
 *
 * @param left the address of the first value. `leftColumn`, `leftRow` and `leftImage` are its strides in bytes.
 * @param right the second tensor, with its strides.
 * @param slope the slopes of a PReLU, or 0.
 */
export function product(
  left: usize,
  leftImage: u32,
  leftRow: u32,
  leftColumn: u32,
  leftChannels: i32,
  right: usize,
  rightImage: u32,
  rightRow: u32,
  rightColumn: u32,
  rightChannels: i32,
  slope: usize,
  output: usize,
  outputImage: u32,
  outputRow: u32,
  outputColumn: u32,
  channels: i32,
  images: i32,
  height: i32,
  width: i32,
  low: f32,
  high: f32,
): void {
  const lowVector = f32x4.splat(low);
  const highVector = f32x4.splat(high);
  for (let image = 0; image < images; image++) {
    for (let y = 0; y < height; y++) {
      let a = left + image * leftImage + y * leftRow;
      let b = right + image * rightImage + y * rightRow;
      let to = output + image * outputImage + y * outputRow;
      for (let x = 0; x < width; x++) {
        for (let channel = 0; channel < channels; channel += 4) {
          const offset = <usize>(channel * 4);
          let value = f32x4.mul(
            loadLanes(a + offset, leftChannels - channel),
            loadLanes(b + offset, rightChannels - channel),
          );
          if (slope) value = rectified(value, v128.load(slope + offset));
          storeLanes(to + offset, clamped(value, lowVector, highVector), channels - channel);
        }
        a += leftColumn;
        b += rightColumn;
        to += outputColumn;
      }
    }
  }
}
