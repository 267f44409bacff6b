import type { Constant } from '../graph-model.ts';
import type { Operation, Program } from './lowering.ts';
import type { Memory } from './memory.ts';
import { isMinimal, transformFilter } from './winograd.ts';

/** The addresses of an operation's weights; 0 where there are none. */
export interface PackedWeights {
  filter: number;
  bias: number;
  slopes: number;
}

/** How many channels of the output the kernels compute at once. */
const convolutionBlock = 8;
const depthwiseBlock = 4;

/** Puts the weights of each operation that has some into memory, in the order in which its kernel reads them. */
export function packWeights(program: Program, memory: Memory): Map<Operation, PackedWeights> {
  const packed = new Map<Operation, PackedWeights>();
  for (const operation of program.operations) {
    if (!('activation' in operation)) continue;
    const { channels } = operation.output;
    const padded = Math.ceil(channels / convolutionBlock) * convolutionBlock;
    const put = (values: Float32Array | undefined) => {
      const address = memory.take(padded * 4);
      if (values) memory.floats(address, padded).set(values);
      return address;
    };
    const { slopes } = operation.activation;
    packed.set(operation, {
      filter: filterOf(operation, memory),
      bias: 'bias' in operation ? put(operation.bias) : 0,
      slopes: slopes ? put(slopes) : 0,
    });
  }
  return packed;
}

function filterOf(operation: Operation, memory: Memory): number {
  if (operation.kind === 'depthwise') return packDepthwise(operation.filter, memory);
  if (operation.kind !== 'convolution') return 0;
  const filter = isMinimal(operation) ? transformFilter(operation.filter) : operation.filter;
  return packConvolution(filter, operation.input.tensor.floatsPerPixel, memory);
}

/** For each block of outputs, each row, column and input (also those that only pad), the block's weights. */
function packConvolution({ shape, values }: Constant, inputsThere: number, memory: Memory): number {
  const [rows = 0, columns = 0, inputs = 0, outputs = 0] = shape;
  const blocks = Math.ceil(outputs / convolutionBlock);
  const taps = rows * columns;
  const length = blocks * taps * inputsThere * convolutionBlock;
  const address = memory.take(length * 4);
  const packed = memory.floats(address, length);
  for (let block = 0; block < blocks; block++) {
    const first = block * convolutionBlock;
    const count = Math.min(convolutionBlock, outputs - first);
    for (let tap = 0; tap < taps; tap++) {
      let to = (block * taps + tap) * inputsThere * convolutionBlock;
      let from = tap * inputs * outputs + first;
      for (let input = 0; input < inputs; input++, to += convolutionBlock, from += outputs) {
        for (let i = 0; i < count; i++) packed[to + i] = values[from + i] as number;
      }
    }
  }
  return address;
}

/** For each block of channels, each row and column, the block's weights. */
function packDepthwise({ shape, values }: Constant, memory: Memory): number {
  const [rows = 0, columns = 0, channels = 0] = shape;
  const blocks = Math.ceil(channels / depthwiseBlock);
  const taps = rows * columns;
  const length = blocks * taps * depthwiseBlock;
  const address = memory.take(length * 4);
  const packed = memory.floats(address, length);
  for (let channel = 0; channel < channels; channel++) {
    const block = Math.floor(channel / depthwiseBlock);
    for (let tap = 0; tap < taps; tap++) {
      packed[(block * taps + tap) * depthwiseBlock + (channel % depthwiseBlock)] = values[
        tap * channels + channel
      ] as number;
    }
  }
  return address;
}
