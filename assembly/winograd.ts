import { clamped, multiplyAdd, rectified, storeLanes } from './arithmetic';

// Winograd's minimal filtering F(2×2, 3×3) (Lavin and Gray, arXiv 1509.09308): four outputs of a 3×3 filter by 16
// multiplications instead of 36. Squares of 4×4 inputs and the filters are transformed by additions, multiplied place by
// place, which for all channels is a matrix product for each of the 16 places, and transformed back.

const tilesAtOnce = 4;
const places = 16;
const channelsPerBlock = 8;

/** The addresses of a tile in the input, the output and the residual, and how many rows and columns of it there are. */
const bytesPerNote = 16;
const notes = tilesAtOnce * bytesPerNote;

/** The products of a block of channels: for each place and tile, eight floats. */
const products = places * tilesAtOnce * channelsPerBlock * 4;

/**
 * Convolution with 3×3 filters and stride 1; its numbers are those of `convolution`.
 *
 * @param inputs the channels of the input, with those that pad them: a multiple of four.
 * @param filter packed: for each eight channels of the output, each of the 16 places, each input, the eight weights.
 * @param table room for the notes, the products, and 16 × 4 floats for each input.
 */
export function winograd(
  input: usize,
  inputImage: u32,
  inputRow: u32,
  inputColumn: u32,
  inputs: i32,
  filter: usize,
  bias: usize,
  slope: usize,
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
  const lowest = f32x4.splat(low);
  const highest = f32x4.splat(high);
  const across = (width + 1) >> 1;
  const perImage = ((height + 1) >> 1) * across;
  const tiles = images * perImage;
  const product = table + notes;
  const transformed = product + products;
  const filterBytes = <usize>(places * inputs * channelsPerBlock * 4);
  for (let first = 0; first < tiles; first += tilesAtOnce) {
    for (let i = 0; i < tilesAtOnce; i++) {
      // The last tile is repeated where there are no four.
      const tile = min(first + i, tiles - 1);
      const image = tile / perImage;
      const y = ((tile - image * perImage) / across) << 1;
      const x = ((tile - image * perImage) % across) << 1;
      const note = table + i * bytesPerNote;
      const from = input + image * inputImage + y * inputRow + x * inputColumn;
      store<u32>(note, <u32>(output + image * outputImage + y * outputRow + x * outputColumn));
      store<u32>(note, <u32>(residual + image * residualImage + y * residualRow + x * residualColumn), 4);
      store<i32>(note, min(2, height - y), 8);
      store<i32>(note, min(2, width - x), 12);
      transform(from, inputRow, inputColumn, inputs, transformed + i * inputs * 4, tilesAtOnce * inputs * 4);
    }
    let weights = filter;
    for (let channel = 0; channel < channels; channel += channelsPerBlock, weights += filterBytes) {
      multiply(transformed, weights, inputs, product);
      const at = <usize>(channel * 4);
      for (let i = 0; i < tilesAtOnce; i++) {
        const note = table + i * bytesPerNote;
        for (let half = 0; half < 2 && channel + half * 4 < channels; half++) {
          const offset = at + half * 16;
          finish(
            product + i * 32 + half * 16,
            v128.load(bias + offset),
            slope ? v128.load(slope + offset) : f32x4.splat(1),
            channel + half * 4 < residualChannels ? <usize>load<u32>(note, 4) + offset : 0,
            residualRow,
            residualColumn,
            <usize>load<u32>(note) + offset,
            outputRow,
            outputColumn,
            channels - channel - half * 4,
            load<i32>(note, 8),
            load<i32>(note, 12),
            lowest,
            highest,
          );
        }
      }
    }
  }
}

/** Bᵀ d B of a square of 4×4 inputs, for all channels. */
function transform(from: usize, row: u32, column: u32, inputs: i32, to: usize, place: usize): void {
  for (let i = 0; i < inputs; i += 4, from += 16, to += 16) {
    const row1 = from + row;
    const row2 = row1 + row;
    const row3 = row2 + row;
    lines(from, row2, column, to, place, false);
    lines(row1, row2, column, to + 4 * place, place, true);
    lines(row2, row1, column, to + 8 * place, place, false);
    lines(row1, row3, column, to + 12 * place, place, false);
  }
}

/** The sum or the difference of two rows of four inputs, transformed along the row. */
function lines(p: usize, q: usize, column: u32, to: usize, place: usize, plus: bool): void {
  const a = both(p, q, plus);
  const b = both(p + column, q + column, plus);
  const c = both(p + 2 * column, q + 2 * column, plus);
  const d = both(p + 3 * column, q + 3 * column, plus);
  v128.store(to, f32x4.sub(a, c));
  v128.store(to + place, f32x4.add(b, c));
  v128.store(to + 2 * place, f32x4.sub(c, b));
  v128.store(to + 3 * place, f32x4.sub(b, d));
}

function both(p: usize, q: usize, plus: bool): v128 {
  return plus ? f32x4.add(v128.load(p), v128.load(q)) : f32x4.sub(v128.load(p), v128.load(q));
}

/**
 * The products of four tiles with a block of filters, place by place. Its innermost loop is that of convolution.ts: eight sums stay
 * in registers only as long as they are variables of one function.
 */
function multiply(transformed: usize, weights: usize, inputs: i32, to: usize): void {
  const bytes = <usize>(inputs * 4);
  let a = transformed;
  for (let place = 0; place < places; place++, to += 128) {
    let b = a + bytes;
    let c = b + bytes;
    let d = c + bytes;
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    let c0 = a0;
    let c1 = a0;
    let d0 = a0;
    let d1 = a0;
    for (let i = inputs; i > 0; i--) {
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
    // The next place's tiles lie behind this one's.
    a = d;
    v128.store(to, a0);
    v128.store(to, a1, 16);
    v128.store(to, b0, 32);
    v128.store(to, b1, 48);
    v128.store(to, c0, 64);
    v128.store(to, c1, 80);
    v128.store(to, d0, 96);
    v128.store(to, d1, 112);
  }
}

/** Aᵀ m A of a tile's products, with bias, residual and activation: four outputs, as far as they are in the picture. */
function finish(
  product: usize,
  bias: v128,
  slope: v128,
  residual: usize,
  residualRow: u32,
  residualColumn: u32,
  to: usize,
  outputRow: u32,
  outputColumn: u32,
  left: i32,
  rows: i32,
  columns: i32,
  low: v128,
  high: v128,
): void {
  for (let i = 0; i < rows; i++) {
    const p = column(product, i);
    const q = column(product + 128, i);
    const r = column(product + 256, i);
    const s = column(product + 384, i);
    let first = f32x4.add(bias, f32x4.add(f32x4.add(p, q), r));
    let second = f32x4.add(bias, f32x4.sub(f32x4.sub(q, r), s));
    if (residual) {
      first = f32x4.add(first, v128.load(residual));
      second = f32x4.add(second, v128.load(residual + residualColumn));
      residual += residualRow;
    }
    storeLanes(to, clamped(rectified(first, slope), low, high), left);
    if (columns > 1) storeLanes(to + outputColumn, clamped(rectified(second, slope), low, high), left);
    to += outputRow;
  }
}

/** A column of four places, transformed to its first or second output. */
function column(product: usize, second: i32): v128 {
  const b = v128.load(product, 512);
  const c = v128.load(product, 1024);
  return second ? f32x4.sub(f32x4.sub(b, c), v128.load(product, 1536)) : f32x4.add(f32x4.add(v128.load(product), b), c);
}
