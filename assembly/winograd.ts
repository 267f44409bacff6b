import { clamped, multiplyAdd, rectified, storeLanes } from './arithmetic';
import { transformInputs, transformProducts } from './winograd-transforms';

// Winograd's minimal filtering (Lavin and Gray, arXiv 1509.09308): F(2×2, 3×3) computes four outputs of a 3×3 filter by 16
// multiplications instead of 36, F(4×4, 3×3) sixteen by 36 instead of 144. Tiles of the input and the filters are
// transformed by additions, multiplied place by place, which for all channels is a matrix product for each place, and
// transformed back.

/**
 * The sums of four tiles and eight channels are as many as stay in registers; weights that were read serve two such groups. What
 * `winograd` needs room for, lib/runtime/kernels/winograd.ts works out from these numbers.
 */
const tilesAtOnce = 8;
const tilesPerProduct = 4;
const channelsPerBlock = 8;

/** Places lie so much further apart than their tiles need, so that not all of them fall into the same few lines of a cache. */
const gap = 64;

/** The addresses of a tile in the output and the residual. */
const bytesPerNote = 16;
const notes = tilesAtOnce * bytesPerNote;

/** A vector: four channels of a place, or of an output. */
const vector = 16;

/** The products of a place: for each tile, those of a block of channels. */
const productBytes = tilesAtOnce * channelsPerBlock * 4;

/**
 * Convolution with 3×3 filters and stride 1; its numbers are those of `convolution`.
 *
 * @param inputs the channels of the input, with those that pad them: a multiple of four.
 * @param filter packed: for each eight channels of the output, each place, each input, the eight weights.
 * @param table room for the notes, and for each place a vector, the products, and for each input a float of each tile, with the gap.
 * @param size the side of a tile of outputs, 2 or 4; the output is at least as high and as wide.
 * @param start the first tile to compute, of those of all pictures, row by row; `end` the one behind the last.
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
  height: i32,
  width: i32,
  low: f32,
  high: f32,
  size: i32,
  start: i32,
  end: i32,
): void {
  const lowest = f32x4.splat(low);
  const highest = f32x4.splat(high);
  const side = size + 2;
  const places = side * side;
  const across = (width + size - 1) / size;
  const perImage = ((height + size - 1) / size) * across;
  const between = table + notes;
  const product = between + places * vector;
  const transformed = product + places * productBytes;
  const tileBytes = <usize>(inputs * 4);
  const placeBytes = tilesAtOnce * tileBytes + gap;
  const filterBytes = <usize>(places * inputs * channelsPerBlock * 4);
  for (let first = start; first < end; first += tilesAtOnce) {
    // The last tile is repeated where their number is no multiple of four.
    const count = min(tilesAtOnce, (end - first + tilesPerProduct - 1) & -tilesPerProduct);
    for (let i = 0; i < count; i++) {
      const tile = min(first + i, end - 1);
      const image = tile / perImage;
      // The last tiles of a row or a column lie as far in the picture as they must, over what others compute too.
      const y = min(((tile - image * perImage) / across) * size, height - size);
      const x = min(((tile - image * perImage) % across) * size, width - size);
      const note = table + i * bytesPerNote;
      store<u32>(note, <u32>(output + image * outputImage + y * outputRow + x * outputColumn));
      store<u32>(note, <u32>(residual + image * residualImage + y * residualRow + x * residualColumn), 4);
      const from = input + image * inputImage + y * inputRow + x * inputColumn;
      enter(size, from, inputRow, inputColumn, inputs, between, transformed + i * tileBytes, placeBytes);
    }
    let weights = filter;
    for (let channel = 0; channel < channels; channel += channelsPerBlock, weights += filterBytes) {
      multiply(transformed, placeBytes, count, weights, inputs, places, product);
      for (let half = 0; half < channelsPerBlock && channel + half < channels; half += 4) {
        const offset = <usize>((channel + half) * 4);
        const biases = v128.load(bias + offset);
        const slopes = slope ? v128.load(slope + offset) : biases;
        for (let i = 0; i < count; i++) {
          const note = table + i * bytesPerNote;
          untransform(size, product + (i * channelsPerBlock + half) * 4, between);
          let added = channel + half < residualChannels ? <usize>load<u32>(note, 4) + offset : 0;
          let to = <usize>load<u32>(note) + offset;
          for (let row = 0; row < size; row++, to += outputRow) {
            for (let column = 0; column < size; column++) {
              let value = f32x4.add(v128.load(between + (row * side + column) * vector), biases);
              if (added) value = f32x4.add(value, v128.load(added + column * residualColumn));
              if (slope) value = rectified(value, slopes);
              storeLanes(to + column * outputColumn, clamped(value, lowest, highest), channels - channel - half);
            }
            if (added) added += residualRow;
          }
        }
      }
    }
  }
}

/** Bᵀ d B of a tile of inputs, for all channels; `between` holds it on its way. */
function enter(
  size: i32,
  from: usize,
  row: u32,
  column: u32,
  inputs: i32,
  between: usize,
  to: usize,
  place: usize,
): void {
  const side = size + 2;
  for (let i = 0; i < inputs; i += 4, from += vector, to += vector) {
    transformInputs(size, side, from, row, column, between, side * vector, vector);
    transformInputs(size, side, between, vector, side * vector, to, place, side * place);
  }
}

/** Aᵀ m A of a tile's products, for four channels: rows of outputs, as far apart as those of places. */
function untransform(size: i32, product: usize, to: usize): void {
  const side = size + 2;
  transformProducts(size, side, product, side * productBytes, productBytes, to, side * vector, vector);
  transformProducts(size, size, to, vector, side * vector, to, vector, side * vector);
}

/**
 * The products of tiles with a block of filters, place by place. Its innermost loop is that of convolution.ts: eight sums stay
 * in registers only as long as they are variables of one function.
 */
function multiply(
  transformed: usize,
  placeBytes: usize,
  tiles: i32,
  weights: usize,
  inputs: i32,
  places: i32,
  product: usize,
): void {
  const bytes = <usize>(inputs * 4);
  const weightBytes = <usize>(inputs * channelsPerBlock * 4);
  for (let place = 0; place < places; place++) {
    let a = transformed;
    let to = product;
    for (let tile = 0; tile < tiles; tile += tilesPerProduct, to += 128) {
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
      let w = weights;
      for (let i = inputs; i > 0; i--) {
        const w0 = v128.load(w);
        const w1 = v128.load(w, 16);
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
        w += 32;
      }
      // The next tiles lie behind these.
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
    transformed += placeBytes;
    product += productBytes;
    weights += weightBytes;
  }
}
