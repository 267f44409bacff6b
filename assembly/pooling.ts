import { storeLanes } from './arithmetic';

/**
 * max_pool and avg_pool, 1 pixel × 4 channels, SIMD. Positions outside the input do not count.
 *
 * @param rows the height of a window; `columns` its width.
 * @param top rows of the first window above the input; `left` columns to its left.
 * @param largest whether to compute the maximum instead of the mean.
 */
export function pool(
  input: usize,
  inputImage: u32,
  inputRow: u32,
  inputColumn: u32,
  inputHeight: i32,
  inputWidth: i32,
  rows: i32,
  columns: i32,
  rowStride: i32,
  columnStride: i32,
  top: i32,
  left: i32,
  largest: bool,
  output: usize,
  outputImage: u32,
  outputRow: u32,
  outputColumn: u32,
  channels: i32,
  images: i32,
  height: i32,
  width: i32,
): void {
  for (let image = 0; image < images; image++) {
    for (let y = 0; y < height; y++) {
      const firstRow = max(0, y * rowStride - top);
      const lastRow = min(inputHeight, y * rowStride - top + rows);
      for (let x = 0; x < width; x++) {
        const firstColumn = max(0, x * columnStride - left);
        const lastColumn = min(inputWidth, x * columnStride - left + columns);
        const from = input + image * inputImage + firstRow * inputRow + firstColumn * inputColumn;
        const to = output + image * outputImage + y * outputRow + x * outputColumn;
        const reciprocalCount = f32x4.splat(1 / <f32>((lastRow - firstRow) * (lastColumn - firstColumn)));
        for (let channel = 0; channel < channels; channel += 4) {
          const offset = <usize>(channel * 4);
          let value = f32x4.splat(largest ? -Infinity : 0);
          let rowAddress = from + offset;
          for (let i = firstRow; i < lastRow; i++, rowAddress += inputRow) {
            let address = rowAddress;
            for (let j = firstColumn; j < lastColumn; j++, address += inputColumn) {
              const next = v128.load(address);
              value = largest ? f32x4.pmax(value, next) : f32x4.add(value, next);
            }
          }
          storeLanes(to + offset, largest ? value : f32x4.mul(value, reciprocalCount), channels - channel);
        }
      }
    }
  }
}
