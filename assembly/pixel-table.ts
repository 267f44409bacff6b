/**
 * Pixels of a tile. Two multiply-adders with a latency of 4 cycles need 8 accumulators, and with exactly 8 every delay
 * of one is lost time. 12 accumulators, 2 vectors of weights and 1 input fill the 15 registers that V8 allocates.
 * Without a fused multiply-add the product needs another register, and more than 8 accumulators are slower.
 */
export const pixelsPerTile: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;

/** Bytes of a tile in the table: the offsets of its pixels in the input, the output and the residual. */
export const bytesPerTile: i32 = 3 * pixelsPerTile * 4;

/** Where the offsets in the output and in the residual begin in a tile. */
export const outputEntry: usize = pixelsPerTile * 4;
export const residualEntry: usize = pixelsPerTile * 8;

/**
 * Writes the offsets of `count` pixels from `first` on, in tiles. The last pixel is repeated to fill its tile.
 *
 * @returns the end of the table.
 */
export function writeTable(
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
      const entry = tile + <usize>(j * 4);
      store<u32>(entry, image * inputImage + y * inputRow + x * inputColumn);
      store<u32>(entry, image * outputImage + y * outputRow + x * outputColumn, outputEntry);
      store<u32>(entry, image * residualImage + y * residualRow + x * residualColumn, residualEntry);
      if (++i >= count || ++x < width) continue;
      x = 0;
      if (++y < height) continue;
      y = 0;
      image++;
    }
  }
  return tile;
}
