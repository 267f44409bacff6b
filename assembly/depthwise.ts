import { clamped, multiplyAdd, rectified } from './arithmetic';

/**
 * dwconv2d, 4 pixels × 4 channels for 3×3 filters and 1 × 4 for others, SIMD: depthwise convolution with bias and
 * activation.
 *
 * @param input the address of the filter's first tap for the first pixel; its strides are as for `convolution`.
 * @param filterRow bytes between the inputs of two rows of the filter; `filterColumn` of two columns.
 * @param filter for each block of 4 channels, each row and each column, 4 weights.
 * @param channels a multiple of 4.
 * @param start the first output row to compute, counted over the batch; `end` is exclusive.
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
  const lowVector = f32x4.splat(low);
  const highVector = f32x4.splat(high);
  const isTiled = rows === 3 && columns === 3 && width >= 4;
  const isStride1 = inputColumn === filterColumn;
  const isStride2 = inputColumn === 2 * filterColumn;
  const isClamped = low > -Infinity || high < Infinity;
  const filterBytes = <usize>(rows * columns * 16);
  for (let outputRowIndex = start; outputRowIndex < end; outputRowIndex++) {
    const image = outputRowIndex / height;
    const y = outputRowIndex % height;
    const inputStart = input + image * inputImage + y * inputRow;
    const outputStart = output + image * outputImage + y * outputRow;
    for (let next = 0; isTiled && next < width; next += 4) {
      // The last tile is moved inside the row, where it overlaps the one before it.
      const x = min(next, width - 4);
      const from = inputStart + x * inputColumn;
      const to = outputStart + x * outputColumn;
      let weights = filter;
      for (let channel = 0; channel < channels; channel += 4, weights += filterBytes) {
        const offset = <usize>(channel * 4);
        const biases = v128.load(bias + offset);
        let a = biases;
        let b = biases;
        let c = biases;
        let d = biases;
        let row = from + offset;
        for (let i = 0; i < 3; i++, row += filterRow) {
          const w = weights + i * 48;
          const left = v128.load(w);
          const middle = v128.load(w, 16);
          const right = v128.load(w, 32);
          let p = row;
          if (isStride1) {
            // Neighbouring outputs share two of their three input columns: load each column once.
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
          } else if (isStride2) {
            // They share one.
            a = multiplyAdd(v128.load(p), left, a);
            a = multiplyAdd(v128.load(p + filterColumn), middle, a);
            p += inputColumn;
            const x2 = v128.load(p);
            a = multiplyAdd(x2, right, a);
            b = multiplyAdd(x2, left, b);
            b = multiplyAdd(v128.load(p + filterColumn), middle, b);
            p += inputColumn;
            const x4 = v128.load(p);
            b = multiplyAdd(x4, right, b);
            c = multiplyAdd(x4, left, c);
            c = multiplyAdd(v128.load(p + filterColumn), middle, c);
            p += inputColumn;
            const x6 = v128.load(p);
            c = multiplyAdd(x6, right, c);
            d = multiplyAdd(x6, left, d);
            d = multiplyAdd(v128.load(p + filterColumn), middle, d);
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
          const factor = v128.load(slope + offset);
          a = rectified(a, factor);
          b = rectified(b, factor);
          c = rectified(c, factor);
          d = rectified(d, factor);
        }
        if (isClamped) {
          a = clamped(a, lowVector, highVector);
          b = clamped(b, lowVector, highVector);
          c = clamped(c, lowVector, highVector);
          d = clamped(d, lowVector, highVector);
        }
        let target = to + offset;
        v128.store(target, a);
        target += outputColumn;
        v128.store(target, b);
        target += outputColumn;
        v128.store(target, c);
        target += outputColumn;
        v128.store(target, d);
      }
    }
    if (isTiled) continue;
    let from = inputStart;
    let to = outputStart;
    for (let x = 0; x < width; x++) {
      let weights = filter;
      for (let channel = 0; channel < channels; channel += 4) {
        const offset = <usize>(channel * 4);
        let sum = v128.load(bias + offset);
        for (let i = 0; i < rows; i++) {
          let tap = from + offset + i * filterRow;
          for (let j = 0; j < columns; j++, tap += filterColumn, weights += 16) {
            sum = multiplyAdd(v128.load(tap), v128.load(weights), sum);
          }
        }
        if (slope) sum = rectified(sum, v128.load(slope + offset));
        v128.store(to + offset, clamped(sum, lowVector, highVector));
      }
      from += inputColumn;
      to += outputColumn;
    }
  }
}
