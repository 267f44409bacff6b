import { type Constant, expanded, type Stored } from '../graph-model.ts';
import type { Kernels } from './kernels.ts';
import type { Operation, Program } from './lowering.ts';
import { aligned, type Memory } from './memory.ts';
import { packingRoom, placesOf, tileSize } from './winograd.ts';

/** The addresses of an operation's weights; 0 where there are none. */
export interface PackedWeights {
  filter: number;
  bias: number;
  slopes: number;
}

/** How many channels of the output the kernels compute at once. */
const convolutionBlock = 8;
const depthwiseBlock = 4;

/** What the kernels that expand weights may read and write behind the last one, in bytes. */
const overrun = 32;

/** Puts the weights of each operation that has some into memory, in the order in which its kernel reads them. */
export function packWeights(program: Program, kernels: Kernels, memory: Memory): Map<Operation, PackedWeights> {
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
      filter: filterOf(operation, kernels, memory),
      bias: 'bias' in operation ? put(operation.bias) : 0,
      slopes: slopes ? put(slopes) : 0,
    });
  }
  return packed;
}

function filterOf(operation: Operation, kernels: Kernels, memory: Memory): number {
  if (operation.kind === 'depthwise') return packDepthwise(operation.filter, memory);
  if (operation.kind !== 'convolution') return 0;
  const { filter, input } = operation;
  const [rows = 0, columns = 0, inputs = 0, outputs = 0] = filter.shape;
  const { floatsPerPixel } = input.tensor;
  const size = tileSize(operation);
  const taps = size ? placesOf(size) : rows * columns;
  const blocks = Math.ceil(outputs / convolutionBlock);
  const address = memory.take(blocks * taps * floatsPerPixel * convolutionBlock * 4);
  // The filter itself is only needed until it is packed.
  const raw = memory.end;
  const behind = aligned(expand(filter, raw, kernels, memory));
  const end = behind + packingRoom;
  memory.reserve(end);
  if (size) kernels.packMinimal(raw, inputs, outputs, floatsPerPixel, size, behind, address);
  else kernels.pack(raw, rows * columns, inputs, outputs, floatsPerPixel, address);
  // What is not written to counts as zeros.
  memory.bytes(raw, end - raw).fill(0);
  return address;
}

/**
 * Writes a filter's values to an address, as floats. There are millions of them, most of which are stored as bytes: it is the
 * kernels that expand them.
 *
 * @returns the first address behind all that was written to.
 */
function expand(filter: Constant, to: number, kernels: Kernels, memory: Memory): number {
  const { stored, factors } = filter;
  const { length } = stored.values;
  const behind = aligned(to + length * 4 + overrun);
  let end = behind;
  const enter = ({ buffer, byteOffset, byteLength }: Stored['values']) => {
    end = Math.max(end, behind + byteLength + overrun);
    memory.reserve(end);
    memory.bytes(behind, byteLength).set(new Uint8Array(buffer, byteOffset, byteLength));
    return behind;
  };
  if (stored.form === 'halves') kernels.expandHalves(enter(stored.values), length, to);
  else if (stored.form === 'steps' && stored.values instanceof Uint8Array) {
    kernels.expandBytes(enter(stored.values), length, stored.scale, stored.min, to);
  } else {
    memory.reserve(end);
    memory.floats(to, length).set(expanded(stored));
  }
  if (factors) kernels.scaleChannels(to, length / factors.length, factors.length, enter(factors));
  return end;
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
