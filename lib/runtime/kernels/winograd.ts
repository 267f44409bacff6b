import type { Convolution } from './lowering/program.ts';

/** With fewer inputs or outputs the transforms cost more than they save. */
const minChannels = 16;

/**
 * Minimum height and width of the output for tiles of 2×2 outputs, and for tiles of 4×4, whose filters are larger to
 * read.
 */
const minOutputSize = 4;
const minOutputSizeForLargeTiles = 8;

/**
 * The scratch memory of assembly/winograd.ts, in bytes: the addresses of the tiles; for each element of a transformed
 * tile a vector, the products and a gap between cache sets; for each element and input channel the transformed tiles.
 */
const tableBytes = 128;
const bytesPerElement = 16 + 256 + 64;
const bytesPerElementAndInput = 32;

/** Scratch memory for packing a filter, in bytes: a vector for each of 36 transformed elements and 9 taps. */
export const packingScratchBytes = (36 + 9) * 16;

/**
 * The side of the output tiles, if Winograd's minimal filtering is faster than the direct convolution. F(2×2, 3×3)
 * needs 4/9 of the multiplications, F(4×4, 3×3) 1/4.
 */
export function winogradTileSize({ filter, strides, input, output }: Convolution): 2 | 4 | undefined {
  const [rows, columns, inputs = 0, outputs = 0] = filter.shape;
  const is3x3 = rows === 3 && columns === 3 && strides[0] === 1 && strides[1] === 1;
  const hasChannels = Math.min(inputs, outputs) >= minChannels && input.tensor.floatsPerPixel % 4 === 0;
  const size = Math.min(output.height, output.width);
  if (!is3x3 || !hasChannels || size < minOutputSize) return undefined;
  return size < minOutputSizeForLargeTiles ? 2 : 4;
}

/** The number of elements of a transformed tile or filter. */
export function transformedElements(tileSize: 2 | 4): number {
  return (tileSize + 2) ** 2;
}

/** The size of the kernel's scratch memory, in bytes. */
export function winogradScratchBytes(tileSize: 2 | 4, floatsPerPixel: number): number {
  return tableBytes + transformedElements(tileSize) * (bytesPerElement + floatsPerPixel * bytesPerElementAndInput);
}
