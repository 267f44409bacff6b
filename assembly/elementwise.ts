import { clamped, loadLanes, rectified, storeLanes } from './arithmetic';

/**
 * add and copy, 1 pixel × 4 channels, SIMD: a tensor, or the sum of two, with activation. Channels that an operand
 * lacks are 0.
 *
 * @param left the address of the first value. `leftColumn`, `leftRow` and `leftImage` are its strides in bytes.
 * @param right the second tensor; `rightChannels` is 0 if there is none.
 * @param slope the slopes of a PReLU, or 0.
 */
export function sum(
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
          let value = loadLanes(a + offset, leftChannels - channel);
          if (channel < rightChannels) value = f32x4.add(value, loadLanes(b + offset, rightChannels - channel));
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

/**
 * Zeroes the padding of each image of a tensor.
 *
 * @param row bytes in a row.
 * @param top rows above the values; `bottom` rows below them.
 * @param left bytes before the values of a row; `right` bytes after them.
 */
export function frame(to: usize, images: i32, rows: i32, row: u32, top: i32, bottom: i32, left: u32, right: u32): void {
  for (let image = 0; image < images; image++) {
    memory.fill(to, 0, top * row);
    to += top * row;
    for (let y = top; y < rows - bottom; y++) {
      memory.fill(to, 0, left);
      to += row;
      memory.fill(to - right, 0, right);
    }
    memory.fill(to, 0, bottom * row);
    to += bottom * row;
  }
}
