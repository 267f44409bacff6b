import type { Constant } from '../graph-model.ts';
import type { Operation } from './lowering.ts';

/** From this many on, channels repay the transforms' cost. */
const leastChannels = 16;

/** Below this size of the output too much of its 2×2 tiles would lie outside. */
const leastSize = 4;

/** The places of a transformed filter or tile. */
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

/** A filter of 3×3 taps, inputs and outputs, as one of 16 places: G g Gᵀ for each input and output. */
export function transformFilter({ shape, values }: Constant): Constant {
  const [, , inputs = 0, outputs = 0] = shape;
  const count = inputs * outputs;
  const transformed = new Float32Array(places * count);
  // Three rows of three, then four rows of three, then four of four.
  const half = new Float32Array(12);
  for (let i = 0; i < count; i++) {
    for (let column = 0; column < 3; column++) {
      const a = values[column * count + i] as number;
      const b = values[(3 + column) * count + i] as number;
      const c = values[(6 + column) * count + i] as number;
      half[column] = a;
      half[3 + column] = (a + b + c) / 2;
      half[6 + column] = (a - b + c) / 2;
      half[9 + column] = c;
    }
    for (let row = 0; row < 4; row++) {
      const a = half[row * 3] as number;
      const b = half[row * 3 + 1] as number;
      const c = half[row * 3 + 2] as number;
      const to = row * 4 * count + i;
      transformed[to] = a;
      transformed[to + count] = (a + b + c) / 2;
      transformed[to + 2 * count] = (a - b + c) / 2;
      transformed[to + 3 * count] = c;
    }
  }
  return { shape: [places, 1, inputs, outputs], dtype: 'float32', values: transformed };
}
