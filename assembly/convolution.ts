import { clamped, multiplyAdd, rectified, storeLanes } from './arithmetic';

// A convolution is a product of matrices: a row for each pixel of the output, whose entries are the inputs that its filter
// covers, and a column for each channel. Four pixels by eight channels are computed at once, in eight registers that are
// independent of each other: as many as keep two multiply-adders with a latency of four cycles busy, and few enough that
// none has to be kept in memory. The matrix of inputs is never written down: with NHWC and zeros around the picture, what a
// filter's row covers lies in one piece, at the same distance from the pixel's own place whichever pixel it is.

const pixelsPerTile = 4;
const channelsPerBlock = 8;

/** The bytes that `tilesOf` writes for a tile: the offsets of its pixels in the input, the output and the residual. */
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
 * @param table room for the tiles' offsets.
 * @param channels how many channels the output has, with what pads them.
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
  images: i32,
  height: i32,
  width: i32,
  low: f32,
  high: f32,
): void {
  const tiles = tilesOf(
    table,
    images,
    height,
    width,
    inputImage,
    inputRow,
    inputColumn,
    outputImage,
    outputRow,
    outputColumn,
    residualImage,
    residualRow,
    residualColumn,
  );
  const lowest = f32x4.splat(low);
  const highest = f32x4.splat(high);
  const filterBytes = <usize>(rows * taps * channelsPerBlock * 4);
  const lastTile = table + <usize>(tiles * bytesPerTile);
  for (let channel = 0; channel < channels; channel += channelsPerBlock) {
    const bias0 = v128.load(bias);
    const bias1 = v128.load(bias, 16);
    for (let tile = table; tile < lastTile; tile += bytesPerTile) {
      let a0 = bias0;
      let a1 = bias1;
      let b0 = bias0;
      let b1 = bias1;
      let c0 = bias0;
      let c1 = bias1;
      let d0 = bias0;
      let d1 = bias1;
      let weights = filter;
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
        a0 = f32x4.add(a0, v128.load(residual + <usize>load<u32>(tile, 32)));
        b0 = f32x4.add(b0, v128.load(residual + <usize>load<u32>(tile, 36)));
        c0 = f32x4.add(c0, v128.load(residual + <usize>load<u32>(tile, 40)));
        d0 = f32x4.add(d0, v128.load(residual + <usize>load<u32>(tile, 44)));
      }
      if (channel + 4 < residualChannels) {
        a1 = f32x4.add(a1, v128.load(residual + <usize>load<u32>(tile, 32), 16));
        b1 = f32x4.add(b1, v128.load(residual + <usize>load<u32>(tile, 36), 16));
        c1 = f32x4.add(c1, v128.load(residual + <usize>load<u32>(tile, 40), 16));
        d1 = f32x4.add(d1, v128.load(residual + <usize>load<u32>(tile, 44), 16));
      }
      if (slope) {
        const slope0 = v128.load(slope);
        const slope1 = v128.load(slope, 16);
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
      write(output + <usize>load<u32>(tile, 16), clamped(a0, lowest, highest), clamped(a1, lowest, highest), left);
      write(output + <usize>load<u32>(tile, 20), clamped(b0, lowest, highest), clamped(b1, lowest, highest), left);
      write(output + <usize>load<u32>(tile, 24), clamped(c0, lowest, highest), clamped(c1, lowest, highest), left);
      write(output + <usize>load<u32>(tile, 28), clamped(d0, lowest, highest), clamped(d1, lowest, highest), left);
    }
    filter += filterBytes;
    bias += 32;
    output += 32;
    residual += 32;
    if (slope) slope += 32;
  }
}

/** Stores a block of channels, or what is `left` of one. */
function write(to: usize, first: v128, second: v128, left: i32): void {
  if (left >= 8) {
    v128.store(to, first);
    v128.store(to, second, 16);
    return;
  }
  storeLanes(to, first, left);
  if (left > 4) storeLanes(to + 16, second, left - 4);
}

/**
 * Divides the output into tiles of four pixels, row by row and picture by picture, and writes down where they lie. The last
 * pixel is repeated to fill the last tile.
 *
 * @returns how many tiles there are.
 */
function tilesOf(
  table: usize,
  images: i32,
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
): i32 {
  const pixels = images * height * width;
  const tiles = (pixels + pixelsPerTile - 1) / pixelsPerTile;
  let place = table;
  let inTile = 0;
  let inputOffset: u32 = 0;
  let outputOffset: u32 = 0;
  let residualOffset: u32 = 0;
  for (let image = 0; image < images; image++) {
    for (let y = 0; y < height; y++) {
      inputOffset = <u32>image * inputImage + <u32>y * inputRow;
      outputOffset = <u32>image * outputImage + <u32>y * outputRow;
      residualOffset = <u32>image * residualImage + <u32>y * residualRow;
      for (let x = 0; x < width; x++) {
        store<u32>(place, inputOffset);
        store<u32>(place, outputOffset, 16);
        store<u32>(place, residualOffset, 32);
        inputOffset += inputColumn;
        outputOffset += outputColumn;
        residualOffset += residualColumn;
        place += 4;
        if (++inTile === pixelsPerTile) {
          inTile = 0;
          place += bytesPerTile - 16;
        }
      }
    }
  }
  for (; inTile > 0 && inTile < pixelsPerTile; inTile++, place += 4) {
    store<u32>(place, inputOffset - inputColumn);
    store<u32>(place, outputOffset - outputColumn, 16);
    store<u32>(place, residualOffset - residualColumn, 32);
  }
  return tiles;
}
