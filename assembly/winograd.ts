import { clamped, rectified, storeLanes } from './arithmetic';
import { channelsPerBlock, multiplyElements, productBytes, tilesPerPass, tilesPerProduct } from './winograd-product';
import { transformInputs, transformProducts } from './winograd-transforms';

// Winograd's minimal filtering (Lavin and Gray, arXiv 1509.09308): F(2×2, 3×3) computes 4 outputs of a 3×3 filter with
// 16 multiplications instead of 36, F(4×4, 3×3) computes 16 with 36 instead of 144. Input tiles and filters are
// transformed, multiplied element by element, which over all channels is one matrix product for each element, and
// transformed back.

/** A gap between elements, so that they do not all map to the same few cache sets. */
const elementGap = 64;

/** Bytes of a tile in the table: its addresses in the output and the residual, and 8 unused. */
const bytesPerTableEntry = 16;
const tableBytes = tilesPerPass * bytesPerTableEntry;

/** A vector: four channels of an element or output. */
const vectorBytes = 16;

/**
 * conv2d-winograd, F(2×2, 3×3) and F(4×4, 3×3), 4 tiles × 8 channels, SIMD: convolution with 3×3 filters and stride 1.
 * Parameters that are not described here are those of `convolution`.
 *
 * @param inputs the floats per input pixel, a multiple of 4.
 * @param filter packed by `packMinimal`: for each block of 8 output channels, each element and each input, 8 weights.
 * @param table scratch memory: the tiles' addresses; for each element a vector, the products, the transformed tiles and
 *   the gap.
 * @param size the side of a tile of outputs, 2 or 4; at most the height and width of the output.
 * @param start the first tile to compute, counted over the batch row by row; `end` is exclusive.
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
  const lowVector = f32x4.splat(low);
  const highVector = f32x4.splat(high);
  const side = size + 2;
  const elements = side * side;
  const tileColumns = (width + size - 1) / size;
  const tilesPerImage = ((height + size - 1) / size) * tileColumns;
  const scratch = table + tableBytes;
  const product = scratch + elements * vectorBytes;
  const transformed = product + elements * productBytes;
  const tileBytes = <usize>(inputs * 4);
  const elementBytes = tilesPerPass * tileBytes + elementGap;
  const filterBytes = <usize>(elements * inputs * channelsPerBlock * 4);
  for (let first = start; first < end; first += tilesPerPass) {
    // The last tile is repeated to fill a group of four.
    const count = min(tilesPerPass, (end - first + tilesPerProduct - 1) & -tilesPerProduct);
    for (let i = 0; i < count; i++) {
      const tile = min(first + i, end - 1);
      const image = tile / tilesPerImage;
      // The last tiles of a row or column are moved inside the output, where they overlap their neighbours.
      const y = min(((tile - image * tilesPerImage) / tileColumns) * size, height - size);
      const x = min(((tile - image * tilesPerImage) % tileColumns) * size, width - size);
      const entry = table + i * bytesPerTableEntry;
      store<u32>(entry, <u32>(output + image * outputImage + y * outputRow + x * outputColumn));
      store<u32>(entry, <u32>(residual + image * residualImage + y * residualRow + x * residualColumn), 4);
      const from = input + image * inputImage + y * inputRow + x * inputColumn;
      transformTile(size, from, inputRow, inputColumn, inputs, scratch, transformed + i * tileBytes, elementBytes);
    }
    let weights = filter;
    for (let channel = 0; channel < channels; channel += channelsPerBlock, weights += filterBytes) {
      multiplyElements(transformed, elementBytes, count, weights, inputs, elements, product);
      for (let half = 0; half < channelsPerBlock && channel + half < channels; half += 4) {
        const offset = <usize>((channel + half) * 4);
        const biases = v128.load(bias + offset);
        const slopes = slope ? v128.load(slope + offset) : biases;
        for (let i = 0; i < count; i++) {
          const entry = table + i * bytesPerTableEntry;
          transformBack(size, product + (i * channelsPerBlock + half) * 4, scratch);
          let residualAddress = channel + half < residualChannels ? <usize>load<u32>(entry, 4) + offset : 0;
          let to = <usize>load<u32>(entry) + offset;
          for (let row = 0; row < size; row++, to += outputRow) {
            for (let column = 0; column < size; column++) {
              let value = f32x4.add(v128.load(scratch + (row * side + column) * vectorBytes), biases);
              if (residualAddress) value = f32x4.add(value, v128.load(residualAddress + column * residualColumn));
              if (slope) value = rectified(value, slopes);
              storeLanes(to + column * outputColumn, clamped(value, lowVector, highVector), channels - channel - half);
            }
            if (residualAddress) residualAddress += residualRow;
          }
        }
      }
    }
  }
}

/** Computes Bᵀ d B of a tile of inputs d, for all channels. */
function transformTile(
  size: i32,
  from: usize,
  row: u32,
  column: u32,
  inputs: i32,
  scratch: usize,
  to: usize,
  elementBytes: usize,
): void {
  const side = size + 2;
  for (let i = 0; i < inputs; i += 4, from += vectorBytes, to += vectorBytes) {
    transformInputs(size, side, from, row, column, scratch, side * vectorBytes, vectorBytes);
    transformInputs(size, side, scratch, vectorBytes, side * vectorBytes, to, elementBytes, side * elementBytes);
  }
}

/** Computes Aᵀ m A of a tile's products m, for four channels. Rows of outputs are as far apart as rows of elements. */
function transformBack(size: i32, product: usize, to: usize): void {
  const side = size + 2;
  transformProducts(size, side, product, side * productBytes, productBytes, to, side * vectorBytes, vectorBytes);
  transformProducts(size, size, to, vectorBytes, side * vectorBytes, to, vectorBytes, side * vectorBytes);
}
