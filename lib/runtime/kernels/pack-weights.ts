import { type Constant, decodeValues, type StoredValues } from '../constant.ts';
import type { Convolution, Operation, Program } from './lowering/program.ts';
import { align, type LinearMemory } from './wasm/linear-memory.ts';
import type { Kernels } from './wasm/signatures.ts';
import { packingScratchBytes, transformedElements, winogradTileSize } from './winograd.ts';

/** The addresses of an operation's weights. 0 stands for none. */
export interface PackedWeights {
  filter: number;
  bias: number;
  slopes: number;
}

/** Output channels that a kernel computes in one pass. */
const convolutionBlock = 8;
const depthwiseBlock = 4;

/** Bytes that the expansion kernels may read and write after the last weight. */
const overrunBytes = 32;

/** Copies the weights of a program into memory, in the order in which the kernels read them. */
export function packWeights(program: Program, kernels: Kernels, memory: LinearMemory): Map<Operation, PackedWeights> {
  const packed = new Map<Operation, PackedWeights>();
  for (const operation of program.operations) {
    if (!('activation' in operation)) continue;
    const { channels } = operation.output;
    const paddedChannels = Math.ceil(channels / convolutionBlock) * convolutionBlock;
    const packVector = (values: Float32Array | undefined) => {
      const address = memory.allocate(paddedChannels * 4);
      if (values) memory.floats(address, paddedChannels).set(values);
      return address;
    };
    const { slopes } = operation.activation;
    packed.set(operation, {
      filter: packFilter(operation, kernels, memory),
      // The kernels add a bias unconditionally: without one, it is zeros.
      bias: 'bias' in operation ? packVector(operation.bias) : 0,
      slopes: slopes ? packVector(slopes) : 0,
    });
  }
  return packed;
}

/**
 * An upper bound of the bytes that {@link packWeights} allocates, and of those that it uses while it packs the largest
 * filter.
 */
export function packingBytes({ operations }: Program): number {
  let [allocated, temporary] = [0, 0];
  for (const operation of operations) {
    if (!('activation' in operation)) continue;
    const vector = align(Math.ceil(operation.output.channels / convolutionBlock) * convolutionBlock * 4);
    allocated += 2 * vector;
    if (operation.kind === 'depthwise') allocated += align(depthwiseLength(operation.filter) * 4);
    if (operation.kind !== 'convolution') continue;
    allocated += align(convolutionBytes(operation));
    const { length, byteLength } = operation.filter.stored.values;
    temporary = Math.max(temporary, length * 4 + byteLength + vector + 4 * overrunBytes + packingScratchBytes);
  }
  return allocated + temporary;
}

function packFilter(operation: Operation, kernels: Kernels, memory: LinearMemory): number {
  if (operation.kind === 'depthwise') return packDepthwise(operation.filter, memory);
  return operation.kind === 'convolution' ? packConvolution(operation, kernels, memory) : 0;
}

function packConvolution(operation: Convolution, kernels: Kernels, memory: LinearMemory): number {
  const { filter, input } = operation;
  const [rows = 0, columns = 0, inputs = 0, outputs = 0] = filter.shape;
  const { floatsPerPixel } = input.tensor;
  const tileSize = winogradTileSize(operation);
  const address = memory.allocate(convolutionBytes(operation));
  // The unpacked filter needs memory only until it is packed.
  const unpacked = memory.end;
  const scratch = align(expandFilter(filter, unpacked, kernels, memory));
  const end = scratch + packingScratchBytes;
  memory.ensure(end);
  if (tileSize) kernels.packMinimal(unpacked, inputs, outputs, floatsPerPixel, tileSize, scratch, address);
  else kernels.pack(unpacked, rows * columns, inputs, outputs, floatsPerPixel, address);
  // Memory that is allocated later must be zero.
  memory.bytes(unpacked, end - unpacked).fill(0);
  return address;
}

/** The size of a packed filter. For Winograd's tiles it is transformed, and up to four times as large as stored floats. */
function convolutionBytes(operation: Convolution): number {
  const [rows = 0, columns = 0, , outputs = 0] = operation.filter.shape;
  const tileSize = winogradTileSize(operation);
  const taps = tileSize ? transformedElements(tileSize) : rows * columns;
  const blocks = Math.ceil(outputs / convolutionBlock);
  return blocks * taps * operation.input.tensor.floatsPerPixel * convolutionBlock * 4;
}

/**
 * Writes a filter's values to an address, as floats. The kernels decode quantised weights: there are millions.
 *
 * @returns the first address after everything that was written.
 */
function expandFilter(filter: Constant, to: number, kernels: Kernels, memory: LinearMemory): number {
  const { stored, factors } = filter;
  const { length } = stored.values;
  const scratch = align(to + length * 4 + overrunBytes);
  let end = scratch;
  const copyIn = ({ buffer, byteOffset, byteLength }: StoredValues['values']) => {
    end = Math.max(end, scratch + byteLength + overrunBytes);
    memory.ensure(end);
    memory.bytes(scratch, byteLength).set(new Uint8Array(buffer, byteOffset, byteLength));
    return scratch;
  };
  if (stored.encoding === 'float16') kernels.expandHalves(copyIn(stored.values), length, to);
  else if (stored.encoding === 'quantised' && stored.values instanceof Uint8Array) {
    kernels.expandBytes(copyIn(stored.values), length, stored.scale, stored.min, to);
  } else {
    memory.ensure(end);
    memory.floats(to, length).set(decodeValues(stored));
  }
  if (factors) kernels.scaleChannels(to, length / factors.length, factors.length, copyIn(factors));
  return end;
}

/** Packs a depthwise filter: for each block of channels and each tap, the block's weights. */
function packDepthwise(filter: Constant, memory: LinearMemory): number {
  const { shape, values } = filter;
  const [rows = 0, columns = 0, channels = 0] = shape;
  const taps = rows * columns;
  const length = depthwiseLength(filter);
  const address = memory.allocate(length * 4);
  const packed = memory.floats(address, length);
  for (let channel = 0; channel < channels; channel++) {
    const block = Math.floor(channel / depthwiseBlock);
    for (let tap = 0; tap < taps; tap++) {
      const index = (block * taps + tap) * depthwiseBlock + (channel % depthwiseBlock);
      packed[index] = values[tap * channels + channel] as number;
    }
  }
  return address;
}

/** The number of values of a packed depthwise filter. */
function depthwiseLength({ shape: [rows = 0, columns = 0, channels = 0] }: Constant): number {
  return Math.ceil(channels / depthwiseBlock) * rows * columns * depthwiseBlock;
}
