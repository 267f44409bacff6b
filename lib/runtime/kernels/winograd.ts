import type { Operation } from './lowering.ts';

/** From this many on, channels repay the transforms' cost. */
const leastChannels = 16;

/** From this size of the output on, tiles of 4×4 outputs save more than they read in weights; below the other, none save anything. */
const leastForLarge = 8;
const leastSize = 4;

/** What assembly/winograd.ts needs room for, in bytes: its notes; for each place a vector, the products and a gap; and by input, its tiles. */
const notes = 128;
const roomPerPlace = 16 + 256 + 64;
const roomPerInput = 32;

/** What packing a filter needs room for: a vector for each place and each tap. */
export const packingRoom = (36 + 9) * 16;

/**
 * The side of the tiles of outputs, where a convolution is computed by Winograd's minimal filtering: by 4 of 9
 * multiplications with tiles of 2×2, by 1 of 4 with tiles of 4×4.
 */
export function tileSize(operation: Extract<Operation, { kind: 'convolution' }>): 2 | 4 | undefined {
  const { filter, strides, input, output } = operation;
  const [rows, columns, inputs = 0, outputs = 0] = filter.shape;
  const isSmall = rows === 3 && columns === 3 && strides[0] === 1 && strides[1] === 1;
  const isWide = Math.min(inputs, outputs) >= leastChannels && input.tensor.floatsPerPixel % 4 === 0;
  const size = Math.min(output.height, output.width);
  if (!isSmall || !isWide || size < leastSize) return undefined;
  return size < leastForLarge ? 2 : 4;
}

/** The places of a transformed filter or tile, instead of its taps. */
export function placesOf(size: 2 | 4): number {
  return (size + 2) ** 2;
}

/** What the kernel needs room for, in bytes, where a pixel of the input has so many floats. */
export function roomFor(size: 2 | 4, floatsPerPixel: number): number {
  return notes + placesOf(size) * (roomPerPlace + floatsPerPixel * roomPerInput);
}
