import { clamped, multiplyAdd, rectified, storeLanes } from './arithmetic';
import { bytesPerTile, pixelsPerTile, writeTable } from './pixel-table';

// A convolution is a matrix product: one row for each output pixel, with the inputs that the filter covers, and one
// column for each output channel. The microkernel computes 4 pixels × 8 channels in 8 accumulators: enough to fill two
// fused multiply-add units with a latency of 4 cycles, few enough to stay in registers. The convolution is implicit (no
// im2col): in NHWC with padding, the inputs under one row of the filter are contiguous, at the same offset from every
// pixel.

const channelsPerBlock = 8;

/** Tiles whose channels are all computed before the next tiles: their inputs and outputs stay in the nearest caches. */
const tilesPerPass = 16;

/**
 * conv2d, 4 pixels × 8 channels, SIMD: dense convolution with bias, residual and activation.
 *
 * @param input the address of the filter's first tap for the first pixel. `inputColumn`, `inputRow` and `inputImage`
 *   are the bytes to the next output pixel, row and image: the strides of the tensor times those of the convolution.
 * @param filterRow bytes between the inputs of two rows of the filter.
 * @param filter packed by `pack`: for each block of 8 output channels, each row and each tap, 8 weights.
 * @param bias zero-padded to a multiple of 8 channels, like `slope`.
 * @param slope the slopes of a PReLU, or 0.
 * @param taps weights in a row of the filter: its columns times the inputs in memory.
 * @param residual a tensor that is added before the activation, with `residualChannels` channels, or 0.
 * @param table scratch memory of 16 · 48 bytes.
 * @param channels the floats per output pixel.
 * @param start the first output pixel to compute, counted over the batch row by row; `end` is exclusive.
 */
export function convolution(
  input: usize,
  inputImage: u32,
  inputRow: u32,
  inputColumn: u32,
  filterRow: u32,
  filter: usize,
  bias: usize,
  slope: usize,
  rows: i32,
  taps: i32,
  residual: usize,
  residualImage: u32,
  residualRow: u32,
  residualColumn: u32,
  residualChannels: i32,
  output: usize,
  outputImage: u32,
  outputRow: u32,
  outputColumn: u32,
  channels: i32,
  table: usize,
  height: i32,
  width: i32,
  low: f32,
  high: f32,
  start: i32,
  end: i32,
): void {
  const lowVector = f32x4.splat(low);
  const highVector = f32x4.splat(high);
  const filterBytes = <usize>(rows * taps * channelsPerBlock * 4);
  const isClamped = low > -Infinity || high < Infinity;
  for (let first = start; first < end; first += tilesPerPass * pixelsPerTile) {
    const count = min(tilesPerPass * pixelsPerTile, end - first);
    // biome-ignore format: one line for each tensor
    const tableEnd = writeTable(
      table, first, count, height, width,
      inputImage, inputRow, inputColumn,
      outputImage, outputRow, outputColumn,
      residualImage, residualRow, residualColumn,
    );
    let block = filter;
    for (let channel = 0; channel < channels; channel += channelsPerBlock, block += filterBytes) {
      const offset = <usize>(channel * 4);
      const bias0 = v128.load(bias + offset);
      const bias1 = v128.load(bias + offset, 16);
      for (let tile = table; tile < tableEnd; tile += bytesPerTile) {
        let a0 = bias0;
        let a1 = bias1;
        let b0 = bias0;
        let b1 = bias1;
        let c0 = bias0;
        let c1 = bias1;
        let d0 = bias0;
        let d1 = bias1;
        let weights = block;
        let from = input;
        for (let row = 0; row < rows; row++, from += filterRow) {
          let a = from + <usize>load<u32>(tile);
          let b = from + <usize>load<u32>(tile, 4);
          let c = from + <usize>load<u32>(tile, 8);
          let d = from + <usize>load<u32>(tile, 12);
          for (let tap = taps; tap > 0; tap--) {
            const w0 = v128.load(weights);
            const w1 = v128.load(weights, 16);
            const x = v128.load32_splat(a);
            a0 = multiplyAdd(x, w0, a0);
            a1 = multiplyAdd(x, w1, a1);
            const y = v128.load32_splat(b);
            b0 = multiplyAdd(y, w0, b0);
            b1 = multiplyAdd(y, w1, b1);
            const z = v128.load32_splat(c);
            c0 = multiplyAdd(z, w0, c0);
            c1 = multiplyAdd(z, w1, c1);
            const u = v128.load32_splat(d);
            d0 = multiplyAdd(u, w0, d0);
            d1 = multiplyAdd(u, w1, d1);
            a += 4;
            b += 4;
            c += 4;
            d += 4;
            weights += 32;
          }
        }
        if (channel < residualChannels) {
          a0 = f32x4.add(a0, v128.load(residual + offset + <usize>load<u32>(tile, 32)));
          b0 = f32x4.add(b0, v128.load(residual + offset + <usize>load<u32>(tile, 36)));
          c0 = f32x4.add(c0, v128.load(residual + offset + <usize>load<u32>(tile, 40)));
          d0 = f32x4.add(d0, v128.load(residual + offset + <usize>load<u32>(tile, 44)));
        }
        if (channel + 4 < residualChannels) {
          a1 = f32x4.add(a1, v128.load(residual + offset + <usize>load<u32>(tile, 32), 16));
          b1 = f32x4.add(b1, v128.load(residual + offset + <usize>load<u32>(tile, 36), 16));
          c1 = f32x4.add(c1, v128.load(residual + offset + <usize>load<u32>(tile, 40), 16));
          d1 = f32x4.add(d1, v128.load(residual + offset + <usize>load<u32>(tile, 44), 16));
        }
        if (slope) {
          const slope0 = v128.load(slope + offset);
          const slope1 = v128.load(slope + offset, 16);
          a0 = rectified(a0, slope0);
          a1 = rectified(a1, slope1);
          b0 = rectified(b0, slope0);
          b1 = rectified(b1, slope1);
          c0 = rectified(c0, slope0);
          c1 = rectified(c1, slope1);
          d0 = rectified(d0, slope0);
          d1 = rectified(d1, slope1);
        }
        const channelsLeft = channels - channel;
        const toA = output + offset + <usize>load<u32>(tile, 16);
        const toB = output + offset + <usize>load<u32>(tile, 20);
        const toC = output + offset + <usize>load<u32>(tile, 24);
        const toD = output + offset + <usize>load<u32>(tile, 28);
        if (isClamped) {
          a0 = clamped(a0, lowVector, highVector);
          a1 = clamped(a1, lowVector, highVector);
          b0 = clamped(b0, lowVector, highVector);
          b1 = clamped(b1, lowVector, highVector);
          c0 = clamped(c0, lowVector, highVector);
          c1 = clamped(c1, lowVector, highVector);
          d0 = clamped(d0, lowVector, highVector);
          d1 = clamped(d1, lowVector, highVector);
        }
        if (channelsLeft < 4) {
          storeLanes(toA, a0, channelsLeft);
          storeLanes(toB, b0, channelsLeft);
          storeLanes(toC, c0, channelsLeft);
          storeLanes(toD, d0, channelsLeft);
          continue;
        }
        v128.store(toA, a0);
        v128.store(toB, b0);
        v128.store(toC, c0);
        v128.store(toD, d0);
        if (channelsLeft >= 8) {
          v128.store(toA, a1, 16);
          v128.store(toB, b1, 16);
          v128.store(toC, c1, 16);
          v128.store(toD, d1, 16);
        } else if (channelsLeft > 4) {
          storeLanes(toA + 16, a1, channelsLeft - 4);
          storeLanes(toB + 16, b1, channelsLeft - 4);
          storeLanes(toC + 16, c1, channelsLeft - 4);
          storeLanes(toD + 16, d1, channelsLeft - 4);
        }
      }
    }
  }
}
