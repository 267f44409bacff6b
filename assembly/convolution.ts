import { clamped, multiplyAdd, rectified, storeChannels, storePair } from './arithmetic';
import { bytesPerTile, outputEntry, pixelsPerTile, residualEntry, writeTable } from './pixel-table';
import { channelsPerBlock } from './winograd-product';

// A convolution is a matrix product: a row for each output pixel, with the inputs that the filter covers, and a column
// for each output channel. It is implicit (no im2col): in NHWC with padding, the inputs under one row of the filter are
// contiguous, at the same offset from every pixel.

/** Tiles whose channels are all computed before the next tiles: their inputs and outputs stay in the nearest caches. */
const tilesPerPass = 16;

/**
 * conv2d, 4 pixels × 8 channels with SIMD, 6 × 8 with relaxed SIMD: dense convolution with bias, residual and activation.
 *
 * @param input the address of the filter's first tap for the first pixel. `inputColumn`, `inputRow` and `inputImage`
 *   are the bytes to the next output pixel, row and image: the strides of the tensor times those of the convolution.
 * @param filterRow bytes between the inputs of two rows of the filter.
 * @param filter packed by `pack`: for each block of 8 output channels, each row and each tap, 8 weights.
 * @param bias zero-padded to a multiple of 8 channels, like `slope`.
 * @param slope the slopes of a PReLU, or 0.
 * @param taps weights in a row of the filter: its columns times the inputs in memory.
 * @param residual a tensor that is added before the activation, with `residualChannels` channels, or 0.
 * @param table scratch memory for 16 tiles of `bytesPerTile`.
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
    // biome-ignore format: one line for each tensor
    const tableEnd = writeTable(
      table, first, min(tilesPerPass * pixelsPerTile, end - first), height, width,
      inputImage, inputRow, inputColumn,
      outputImage, outputRow, outputColumn,
      residualImage, residualRow, residualColumn,
    );
    for (let channel = 0, block = filter; channel < channels; channel += channelsPerBlock, block += filterBytes) {
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
        let e0 = bias0;
        let e1 = bias1;
        let f0 = bias0;
        let f1 = bias1;
        let weights = block;
        for (let row = 0, from = input; row < rows; row++, from += filterRow) {
          let a = from + <usize>load<u32>(tile);
          let b = from + <usize>load<u32>(tile, 4);
          let c = from + <usize>load<u32>(tile, 8);
          let d = from + <usize>load<u32>(tile, 12);
          let e = ASC_FEATURE_RELAXED_SIMD ? from + <usize>load<u32>(tile, 16) : 0;
          let f = ASC_FEATURE_RELAXED_SIMD ? from + <usize>load<u32>(tile, 20) : 0;
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
            if (ASC_FEATURE_RELAXED_SIMD) {
              const v = v128.load32_splat(e);
              e0 = multiplyAdd(v, w0, e0);
              e1 = multiplyAdd(v, w1, e1);
              const w = v128.load32_splat(f);
              f0 = multiplyAdd(w, w0, f0);
              f1 = multiplyAdd(w, w1, f1);
              e += 4;
              f += 4;
            }
            a += 4;
            b += 4;
            c += 4;
            d += 4;
            weights += 32;
          }
        }
        if (channel < residualChannels) {
          a0 = f32x4.add(a0, v128.load(residual + offset + <usize>load<u32>(tile, residualEntry)));
          b0 = f32x4.add(b0, v128.load(residual + offset + <usize>load<u32>(tile, residualEntry + 4)));
          c0 = f32x4.add(c0, v128.load(residual + offset + <usize>load<u32>(tile, residualEntry + 8)));
          d0 = f32x4.add(d0, v128.load(residual + offset + <usize>load<u32>(tile, residualEntry + 12)));
          if (ASC_FEATURE_RELAXED_SIMD) {
            e0 = f32x4.add(e0, v128.load(residual + offset + <usize>load<u32>(tile, residualEntry + 16)));
            f0 = f32x4.add(f0, v128.load(residual + offset + <usize>load<u32>(tile, residualEntry + 20)));
          }
        }
        if (channel + 4 < residualChannels) {
          a1 = f32x4.add(a1, v128.load(residual + offset + <usize>load<u32>(tile, residualEntry), 16));
          b1 = f32x4.add(b1, v128.load(residual + offset + <usize>load<u32>(tile, residualEntry + 4), 16));
          c1 = f32x4.add(c1, v128.load(residual + offset + <usize>load<u32>(tile, residualEntry + 8), 16));
          d1 = f32x4.add(d1, v128.load(residual + offset + <usize>load<u32>(tile, residualEntry + 12), 16));
          if (ASC_FEATURE_RELAXED_SIMD) {
            e1 = f32x4.add(e1, v128.load(residual + offset + <usize>load<u32>(tile, residualEntry + 16), 16));
            f1 = f32x4.add(f1, v128.load(residual + offset + <usize>load<u32>(tile, residualEntry + 20), 16));
          }
        }
        if (slope) {
          const slope0 = v128.load(slope + offset);
          a0 = rectified(a0, slope0);
          b0 = rectified(b0, slope0);
          c0 = rectified(c0, slope0);
          d0 = rectified(d0, slope0);
          e0 = rectified(e0, slope0);
          f0 = rectified(f0, slope0);
          const slope1 = v128.load(slope + offset, 16);
          a1 = rectified(a1, slope1);
          b1 = rectified(b1, slope1);
          c1 = rectified(c1, slope1);
          d1 = rectified(d1, slope1);
          e1 = rectified(e1, slope1);
          f1 = rectified(f1, slope1);
        }
        if (isClamped) {
          a0 = clamped(a0, lowVector, highVector);
          a1 = clamped(a1, lowVector, highVector);
          b0 = clamped(b0, lowVector, highVector);
          b1 = clamped(b1, lowVector, highVector);
          c0 = clamped(c0, lowVector, highVector);
          c1 = clamped(c1, lowVector, highVector);
          d0 = clamped(d0, lowVector, highVector);
          d1 = clamped(d1, lowVector, highVector);
          e0 = clamped(e0, lowVector, highVector);
          e1 = clamped(e1, lowVector, highVector);
          f0 = clamped(f0, lowVector, highVector);
          f1 = clamped(f1, lowVector, highVector);
        }
        const to = output + offset;
        const channelsLeft = channels - channel;
        if (channelsLeft >= channelsPerBlock) {
          storePair(to + <usize>load<u32>(tile, outputEntry), a0, a1);
          storePair(to + <usize>load<u32>(tile, outputEntry + 4), b0, b1);
          storePair(to + <usize>load<u32>(tile, outputEntry + 8), c0, c1);
          storePair(to + <usize>load<u32>(tile, outputEntry + 12), d0, d1);
          if (ASC_FEATURE_RELAXED_SIMD) {
            storePair(to + <usize>load<u32>(tile, outputEntry + 16), e0, e1);
            storePair(to + <usize>load<u32>(tile, outputEntry + 20), f0, f1);
          }
          continue;
        }
        storeChannels(to + <usize>load<u32>(tile, outputEntry), a0, a1, channelsLeft);
        storeChannels(to + <usize>load<u32>(tile, outputEntry + 4), b0, b1, channelsLeft);
        storeChannels(to + <usize>load<u32>(tile, outputEntry + 8), c0, c1, channelsLeft);
        storeChannels(to + <usize>load<u32>(tile, outputEntry + 12), d0, d1, channelsLeft);
        if (ASC_FEATURE_RELAXED_SIMD) {
          storeChannels(to + <usize>load<u32>(tile, outputEntry + 16), e0, e1, channelsLeft);
          storeChannels(to + <usize>load<u32>(tile, outputEntry + 20), f0, f1, channelsLeft);
        }
      }
    }
  }
}
