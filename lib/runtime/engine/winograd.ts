import type { Operation } from './lowering.ts';

/** From this many on, channels repay the transforms' cost. */
const leastChannels = 16;

/** Below this size of the output too much of its 2×2 tiles would lie outside. */
const leastSize = 4;

/** The places of a transformed filter or tile, in stead of its taps. */
export const places = 16;

/** What the kernel needs room for, in bytes: its notes and products, and for each input the transformed tiles. */
export const fixedRoom = 64 + 2048;
export const roomPerInput = 256;

/** Whether a convolution is computed by Winograd's minimal filtering, with less than half of the multiplications. */
export function isMinimal(operation: Extract<Operation, { kind: 'convolution' }>): boolean {
  const { filter, strides, input, output } = operation;
  const [rows, columns, inputs = 0, outputs = 0] = filter.shape;
  const isSmall = rows === 3 && columns === 3 && strides[0] === 1 && strides[1] === 1;
  const isWide = Math.min(inputs, outputs) >= leastChannels && input.tensor.floatsPerPixel % 4 === 0;
  return isSmall && isWide && Math.min(output.height, output.width) >= leastSize;
}
