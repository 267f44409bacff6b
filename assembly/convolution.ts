import { clamped, multiplyAdd, rectified, storeLanes } from './arithmetic';

// A convolution is a product of matrices: a row for each pixel of the output, whose entries are the inputs that its filter
// covers, and a column for each channel. Four pixels by eight channels are computed at once, in eight registers that are
// independent of each other: as many as keep two multiply-adders with a latency of four cycles busy, and few enough that
// none has to be kept in memory. The matrix of inputs is never written down: with NHWC and zeros around the picture, what a
// filter's row covers lies in one piece, at the same distance from the pixel's own place whichever pixel it is.

const pixelsPerTile = 4;
const channelsPerBlock = 8;

/** All channels of so many pixels are computed before the next: their inputs and outputs stay in the nearest cache until then. */
const tilesAtOnce = 16;

/** The bytes that are noted of a tile: the offsets of its pixels in the input, the output and the residual. */
const bytesPerTile = 3 * pixelsPerTile * 4;

/**
 * Convolution with bias, residual and activation.
 *
 * @param input where the filter's first tap lies for the first pixel; a pixel is `inputColumn` bytes further per column,
 *   `inputRow` per row and `inputImage` per picture.
 * @param filterRow the bytes from one row of the filter to the next in the input.
 * @param filter packed: for each eight channels, each row and each tap of it, the eight weights.
 * @param bias padded with zeros to eight channels, like `slope`, the channels' slopes below zero; 0 where there are none.
 * @param residual what is added before the activation, with `residualChannels` of its own; 0 where there is none.
 * @param table room for the offsets of the tiles that are computed at once.
 * @param channels how many channels the output has, with what pads them.
 * @param start the first pixel to compute, of those of all pictures, row by row; `end` the one behind the last.
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
  const lowest = f32x4.splat(low);
  const highest = f32x4.splat(high);
  const filterBytes = <usize>(rows * taps * channelsPerBlock * 4);
  for (let first = start; first < end; first += tilesAtOnce * pixelsPerTile) {
    const count = min(tilesAtOnce * pixelsPerTile, end - first);
    // biome-ignore format: numbers that belong together stand in one line
    const lastTile = note(
      table, first, count, height, width,
      inputImage, inputRow, inputColumn,
      outputImage, outputRow, outputColumn,
      residualImage, residualRow, residualColumn,
    );
    let block = filter;
    for (let channel = 0; channel < channels; channel += channelsPerBlock, block += filterBytes) {
      const at = <usize>(channel * 4);
      const bias0 = v128.load(bias + at);
      const bias1 = v128.load(bias + at, 16);
      for (let tile = table; tile < lastTile; tile += bytesPerTile) {
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
          a0 = f32x4.add(a0, v128.load(residual + at + <usize>load<u32>(tile, 32)));
          b0 = f32x4.add(b0, v128.load(residual + at + <usize>load<u32>(tile, 36)));
          c0 = f32x4.add(c0, v128.load(residual + at + <usize>load<u32>(tile, 40)));
          d0 = f32x4.add(d0, v128.load(residual + at + <usize>load<u32>(tile, 44)));
        }
        if (channel + 4 < residualChannels) {
          a1 = f32x4.add(a1, v128.load(residual + at + <usize>load<u32>(tile, 32), 16));
          b1 = f32x4.add(b1, v128.load(residual + at + <usize>load<u32>(tile, 36), 16));
          c1 = f32x4.add(c1, v128.load(residual + at + <usize>load<u32>(tile, 40), 16));
          d1 = f32x4.add(d1, v128.load(residual + at + <usize>load<u32>(tile, 44), 16));
        }
        if (slope) {
          const slope0 = v128.load(slope + at);
          const slope1 = v128.load(slope + at, 16);
          a0 = rectified(a0, slope0);
          a1 = rectified(a1, slope1);
          b0 = rectified(b0, slope0);
          b1 = rectified(b1, slope1);
          c0 = rectified(c0, slope0);
          c1 = rectified(c1, slope1);
          d0 = rectified(d0, slope0);
          d1 = rectified(d1, slope1);
        }
        const left = channels - channel;
        const toA = output + at + <usize>load<u32>(tile, 16);
        const toB = output + at + <usize>load<u32>(tile, 20);
        const toC = output + at + <usize>load<u32>(tile, 24);
        const toD = output + at + <usize>load<u32>(tile, 28);
        a0 = clamped(a0, lowest, highest);
        b0 = clamped(b0, lowest, highest);
        c0 = clamped(c0, lowest, highest);
        d0 = clamped(d0, lowest, highest);
        if (left < 4) {
          storeLanes(toA, a0, left);
          storeLanes(toB, b0, left);
          storeLanes(toC, c0, left);
          storeLanes(toD, d0, left);
          continue;
        }
        v128.store(toA, a0);
        v128.store(toB, b0);
        v128.store(toC, c0);
        v128.store(toD, d0);
        if (left > 4) {
          storeLanes(toA + 16, clamped(a1, lowest, highest), left - 4);
          storeLanes(toB + 16, clamped(b1, lowest, highest), left - 4);
          storeLanes(toC + 16, clamped(c1, lowest, highest), left - 4);
          storeLanes(toD + 16, clamped(d1, lowest, highest), left - 4);
        }
      }
    }
  }
}

/**
 * Notes where the pixels from `first` on lie, row by row and picture by picture, in tiles of four; the last is repeated to fill
 * its tile.
 *
 * @returns the address behind the last tile.
 */
function note(
  table: usize,
  first: i32,
  count: i32,
  height: i32,
  width: i32,
  inputImage: u32,
  inputRow: u32,
  inputColumn: u32,
  outputImage: u32,
  outputRow: u32,
  outputColumn: u32,
  residualImage: u32,
  residualRow: u32,
  residualColumn: u32,
): usize {
  let x = first % width;
  let y = (first / width) % height;
  let image = first / (width * height);
  let tile = table;
  for (let i = 0; i < count; tile += bytesPerTile) {
    for (let j = 0; j < pixelsPerTile; j++) {
      const place = tile + <usize>(j * 4);
      store<u32>(place, image * inputImage + y * inputRow + x * inputColumn);
      store<u32>(place, image * outputImage + y * outputRow + x * outputColumn, 16);
      store<u32>(place, image * residualImage + y * residualRow + x * residualColumn, 32);
      if (++i >= count || ++x < width) continue;
      x = 0;
      if (++y < height) continue;
      y = 0;
      image++;
    }
  }
  return tile;
}
