import { clamped, loadLanes, rectified, storeLanes } from './arithmetic';

/**
 * A tensor, or the sum of two, with activation. Each may have fewer channels than the output; those that it lacks are zeros.
 *
 * @param left its first value; a pixel is `leftColumn` bytes further per column, `leftRow` per row, `leftImage` per picture.
 * @param right the second tensor; it has no channels where there is only one.
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
  const lowest = f32x4.splat(low);
  const highest = f32x4.splat(high);
  for (let image = 0; image < images; image++) {
    for (let y = 0; y < height; y++) {
      let a = left + image * leftImage + y * leftRow;
      let b = right + image * rightImage + y * rightRow;
      let to = output + image * outputImage + y * outputRow;
      for (let x = 0; x < width; x++) {
        for (let channel = 0; channel < channels; channel += 4) {
          const at = <usize>(channel * 4);
          let value = loadLanes(a + at, leftChannels - channel);
          if (channel < rightChannels) value = f32x4.add(value, loadLanes(b + at, rightChannels - channel));
          if (slope) value = rectified(value, v128.load(slope + at));
          storeLanes(to + at, clamped(value, lowest, highest), channels - channel);
        }
        a += leftColumn;
        b += rightColumn;
        to += outputColumn;
      }
    }
  }
}

/** Writes zeros around each picture of a tensor: `top` and `bottom` rows of `row` bytes, `left` and `right` bytes of the others. */
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
