import { clamped, multiplyAdd, rectified } from './arithmetic';

/**
 * Convolution of each channel with a filter of its own, with bias and activation. Filters of 3×3 have code of their own,
 * which reads each input once for four pixels.
 *
 * @param input where the filter's first tap lies for the first pixel of the first picture, bytes like those of a
 *   convolution.
 * @param filter for each four channels, each row and tap, the four weights.
 * @param channels a multiple of four.
 * @param start the first row to compute, of those of all pictures; `end` the one behind the last.
 */
export function depthwise(
  input: usize,
  inputImage: u32,
  inputRow: u32,
  inputColumn: u32,
  filterRow: u32,
  filterColumn: u32,
  filter: usize,
  bias: usize,
  slope: usize,
  rows: i32,
  columns: i32,
  output: usize,
  outputImage: u32,
  outputRow: u32,
  outputColumn: u32,
  channels: i32,
  height: i32,
  width: i32,
  low: f32,
  high: f32,
  start: i32,
  end: i32,
): void {
  const lowest = f32x4.splat(low);
  const highest = f32x4.splat(high);
  const small = rows === 3 && columns === 3;
  const dense = small && inputColumn === filterColumn;
  const filterBytes = <usize>(rows * columns * 16);
  for (let line = start; line < end; line++) {
    const image = line / height;
    const y = line % height;
    let from = input + image * inputImage + y * inputRow;
    let to = output + image * outputImage + y * outputRow;
    let x = 0;
    for (; small && x + 4 <= width; x += 4) {
      let weights = filter;
      for (let channel = 0; channel < channels; channel += 4, weights += filterBytes) {
        const at = <usize>(channel * 4);
        const offset = v128.load(bias + at);
        let a = offset;
        let b = offset;
        let c = offset;
        let d = offset;
        let row = from + at;
        for (let i = 0; i < 3; i++, row += filterRow) {
          const w = weights + i * 48;
          const left = v128.load(w);
          const middle = v128.load(w, 16);
          const right = v128.load(w, 32);
          let p = row;
          if (dense) {
            // Neighbours share two of their three columns.
            const x0 = v128.load(p);
            a = multiplyAdd(x0, left, a);
            p += inputColumn;
            const x1 = v128.load(p);
            a = multiplyAdd(x1, middle, a);
            b = multiplyAdd(x1, left, b);
            p += inputColumn;
            const x2 = v128.load(p);
            a = multiplyAdd(x2, right, a);
            b = multiplyAdd(x2, middle, b);
            c = multiplyAdd(x2, left, c);
            p += inputColumn;
            const x3 = v128.load(p);
            b = multiplyAdd(x3, right, b);
            c = multiplyAdd(x3, middle, c);
            d = multiplyAdd(x3, left, d);
            p += inputColumn;
            const x4 = v128.load(p);
            c = multiplyAdd(x4, right, c);
            d = multiplyAdd(x4, middle, d);
            d = multiplyAdd(v128.load(p + inputColumn), right, d);
          } else {
            a = multiplyAdd(v128.load(p), left, a);
            a = multiplyAdd(v128.load(p + filterColumn), middle, a);
            a = multiplyAdd(v128.load(p + 2 * filterColumn), right, a);
            p += inputColumn;
            b = multiplyAdd(v128.load(p), left, b);
            b = multiplyAdd(v128.load(p + filterColumn), middle, b);
            b = multiplyAdd(v128.load(p + 2 * filterColumn), right, b);
            p += inputColumn;
            c = multiplyAdd(v128.load(p), left, c);
            c = multiplyAdd(v128.load(p + filterColumn), middle, c);
            c = multiplyAdd(v128.load(p + 2 * filterColumn), right, c);
            p += inputColumn;
            d = multiplyAdd(v128.load(p), left, d);
            d = multiplyAdd(v128.load(p + filterColumn), middle, d);
            d = multiplyAdd(v128.load(p + 2 * filterColumn), right, d);
          }
        }
        if (slope) {
          const factor = v128.load(slope + at);
          a = rectified(a, factor);
          b = rectified(b, factor);
          c = rectified(c, factor);
          d = rectified(d, factor);
        }
        let place = to + at;
        v128.store(place, clamped(a, lowest, highest));
        place += outputColumn;
        v128.store(place, clamped(b, lowest, highest));
        place += outputColumn;
        v128.store(place, clamped(c, lowest, highest));
        place += outputColumn;
        v128.store(place, clamped(d, lowest, highest));
      }
      from += 4 * inputColumn;
      to += 4 * outputColumn;
    }
    for (; x < width; x++) {
      let weights = filter;
      for (let channel = 0; channel < channels; channel += 4) {
        const at = <usize>(channel * 4);
        let sum = v128.load(bias + at);
        for (let i = 0; i < rows; i++) {
          let tap = from + at + i * filterRow;
          for (let j = 0; j < columns; j++, tap += filterColumn, weights += 16) {
            sum = multiplyAdd(v128.load(tap), v128.load(weights), sum);
          }
        }
        if (slope) sum = rectified(sum, v128.load(slope + at));
        v128.store(to + at, clamped(sum, lowest, highest));
      }
      from += inputColumn;
      to += outputColumn;
    }
  }
}
