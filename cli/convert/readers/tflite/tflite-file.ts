import { Table } from './flatbuffer-table.ts';
import { type BuiltinOperator, builtinOperators, tensorTypes } from './schema.ts';

/** One operation: tensors are named by their numbers, and an input that is left out by −1. */
export interface Operator {
  name: BuiltinOperator;
  inputs: number[];
  output: number;
  /** The operator's options table; its fields are read by number, as the schema lists them. */
  options: Table;
}

/** A tensor whose values are stored in the file. */
export interface Constant {
  shape: number[];
  /** float32, int32, or the bits of float16. */
  values: Float32Array | Int32Array | Uint16Array;
}

/** The most dimensions of a tensor. (tensorflow/core/framework/tensor_shape.h, TensorShape::MaxDimensions) */
const mostDimensions = 254;

/**
 * How many numbers constants may have together, even where the file is shorter: several times as many as the largest networks
 * for faces. Of a longer file, it is as many as the file has bytes.
 */
const leastRoom = 2e8;

/** A network as a .tflite file describes it. */
export class Tflite {
  readonly inputs: number[];
  readonly outputs: ReadonlySet<number>;
  /** What is computed for every picture, in order; constants are resolved before. */
  readonly operators: Operator[];
  readonly #tensors: Table[];
  readonly #buffers: Table[];
  /** How the constants that are not stored plainly are made of others. */
  readonly #makers = new Map<number, Operator>();
  readonly #producers = new Map<number, Operator>();
  readonly #consumers = new Map<number, Operator[]>();
  /** How many more numbers may be read as constants: tensors of a damaged file share one buffer, or spread a few values far. */
  #room: number;

  constructor(bytes: Uint8Array) {
    const model = Table.root(bytes);
    const codes = model.tables(1).map((code) => Math.max(code.byte(0), code.int(3)));
    const [subgraph] = model.tables(2) as [Table];
    this.#buffers = model.tables(4);
    this.#tensors = subgraph.tables(0);
    this.inputs = subgraph.ints(1);
    this.outputs = new Set(subgraph.ints(2));
    this.#room = Math.max(bytes.length, leastRoom);
    let named = 0;
    const all = subgraph.tables(3).map((table) => {
      const operator = readOperator(table, codes);
      named += operator.inputs.length + table.length(2);
      if (4 * named > bytes.length) throw new RangeError('the operators name more tensors than the file has room for');
      return operator;
    });
    for (const operator of all) {
      if (isMaker(operator)) this.#makers.set(operator.output, operator);
    }
    this.operators = all.filter((operator) => !isMaker(operator));
    for (const operator of this.operators) {
      if (!this.#producers.has(operator.output)) this.#producers.set(operator.output, operator);
      for (const input of new Set(operator.inputs)) {
        const consumers = this.#consumers.get(input);
        if (consumers) consumers.push(operator);
        else this.#consumers.set(input, [operator]);
      }
    }
  }

  /** The operator that computes a tensor. */
  producer(tensor: number): Operator | undefined {
    return this.#producers.get(tensor);
  }

  /** The operators that read a tensor. */
  consumers(tensor: number): readonly Operator[] {
    return this.#consumers.get(tensor) ?? [];
  }

  /** Whether a tensor's values are in the file, instead of computed for every picture. */
  isConstant(tensor: number): boolean {
    const table = this.#tensors[tensor];
    return this.#makers.has(tensor) || (!!table && (this.#buffers[table.int(2)]?.length(0) ?? 0) > 0);
  }

  /** A tensor's shape, with a batch of one. */
  shape(tensor: number): number[] {
    const shape = (this.#tensors[tensor] as Table).ints(0);
    if (shape.length > mostDimensions) throw new RangeError('a tensor has an impossible number of dimensions');
    return shape;
  }

  /** A tensor whose values are in the file: stored plainly, sparse, or as float16. */
  constant(tensor: number): Constant {
    const maker = this.#makers.get(tensor);
    const [source] = maker?.inputs ?? [tensor];
    if (maker?.name === 'DEQUANTIZE') return this.constant(source as number);
    const table = this.#tensors[source as number] as Table;
    const shape = this.shape(source as number);
    const length = shape.reduce((product, size) => product * size, 1);
    if (!shape.every((size) => size > 0)) throw new RangeError('a constant has an impossible size');
    this.#claim(length);
    const values = typed((this.#buffers[table.int(2)] as Table).bytes(0), table.byte(1));
    const sparsity = table.table(6);
    if (sparsity) return { shape, values: densify(values, shape, sparsity, (numbers) => this.#claim(numbers)) };
    if (values.length !== length) throw new RangeError('a constant has more or fewer values than its shape');
    return { shape, values };
  }

  #claim(numbers: number): void {
    this.#room -= numbers;
    if (!(this.#room >= 0)) throw new RangeError('the constants have an impossible size');
  }
}

function isMaker({ name }: Operator): boolean {
  return name === 'DEQUANTIZE' || name === 'DENSIFY';
}

function readOperator(table: Table, codes: number[]): Operator {
  const code = codes[table.int(0)] as number;
  const name = builtinOperators[code];
  const [output] = table.ints(2) as [number];
  if (name === undefined) throw new Error(`The .tflite file has the operator ${code}, which is not converted.`);
  return { name, inputs: table.ints(1), output, options: table.table(4) ?? Table.empty };
}

function typed({ buffer }: Uint8Array<ArrayBuffer>, type: number): Constant['values'] {
  const name = tensorTypes[type];
  if (name === 'float32') return new Float32Array(buffer);
  if (name === 'float16') return new Uint16Array(buffer);
  if (name === 'int32') return new Int32Array(buffer);
  throw new Error(`The .tflite file has weights of ${name ?? `type ${type}`}: use the one with float32 or float16.`);
}

/**
 * Spreads the stored values of a sparse tensor over its whole shape: level by level, of which the first are the tensor's
 * dimensions (divided by the size of their blocks, where they have some), and the others the insides of those blocks.
 * (tensorflow/lite/kernels/internal/utils/sparsity_format_converter.cc, FormatConverter::Populate)
 *
 * @param claim is told how much work is to come, before it is done.
 */
function densify<T extends Constant['values']>(
  stored: T,
  shape: number[],
  sparsity: Table,
  claim: (numbers: number) => void,
): T {
  const order = sparsity.ints(0);
  const blockMap = sparsity.ints(1);
  const metadata = sparsity.tables(2);
  claim(order.length + blockMap.length + metadata.length);
  const rank = shape.length;
  const fits =
    metadata.length === rank + blockMap.length &&
    isPermutation(order.slice(0, rank), 0, rank) &&
    isPermutation(order.slice(rank), rank, blockMap.length) &&
    new Set(blockMap).size === blockMap.length &&
    blockMap.every((dimension) => dimension >= 0 && dimension < rank);
  if (!fits) throw new RangeError('a sparse tensor has impossible dimensions');

  /** The dimension of the tensor that each level is of. */
  const dimensions = order.map((number) => (number < rank ? number : (blockMap[number - rank] as number)));
  const blocks = new Array<number>(rank).fill(1);
  for (let level = rank; level < order.length; level++) {
    blocks[dimensions[level] as number] = (metadata[level] as Table).int(1);
  }
  const strides = shape.map((_, dimension) => shape.slice(dimension + 1).reduce((product, size) => product * size, 1));
  // How many places there are in the levels so far: each has its own part of the next level, or a value after the last.
  let places = 1;
  const levels = metadata.map((table, level) => {
    const dimension = dimensions[level] as number;
    const block = blocks[dimension] as number;
    const isBlock = level >= rank;
    const size = isBlock ? block : (shape[dimension] as number) / block;
    const isSparse = table.byte(0) === 1;
    const isPossible = Number.isInteger(size) && size > 0 && (isSparse ? !isBlock : table.int(1) === size);
    if (!isPossible) throw new RangeError('a sparse tensor has an impossible size');
    const stride = (strides[dimension] as number) * (isBlock ? 1 : block);
    const compressed = isSparse ? readCompressed(table, places, size) : undefined;
    places = compressed ? compressed.indices.length : places * size;
    claim(places);
    return { size, stride, compressed };
  });
  if (places !== stored.length) throw new RangeError('a sparse tensor has more or fewer values than places');

  const length = shape.reduce((product, size) => product * size, 1);
  const values = new (stored.constructor as new (length: number) => T)(length);
  const populate = (level: number, place: number, at: number) => {
    const current = levels[level];
    if (!current) {
      values[at] = stored[place] as number;
      return;
    }
    const { size, stride, compressed } = current;
    if (compressed) {
      const { segments, indices } = compressed;
      for (let i = segments[place] as number; i < (segments[place + 1] as number); i++) {
        populate(level + 1, i, at + stride * (indices[i] as number));
      }
    } else {
      for (let i = 0; i < size; i++) populate(level + 1, place * size + i, at + stride * i);
    }
  };
  populate(0, 0, 0);
  return values;
}

/** Whether numbers are all of those from `first` on, in any order. */
function isPermutation(numbers: number[], first: number, count: number): boolean {
  const inside = numbers.every((number) => number >= first && number < first + count);
  return numbers.length === count && inside && new Set(numbers).size === count;
}

/**
 * The level of a sparse tensor of which only some indices are stored: those of each place of the level before are in a
 * segment of their own.
 */
function readCompressed(table: Table, places: number, size: number) {
  const [segments, indices] = [indexVector(table, 2), indexVector(table, 4)];
  const isPossible =
    segments.length === places + 1 &&
    segments[0] === 0 &&
    segments[places] === indices.length &&
    segments.every((start, i) => i === 0 || start >= (segments[i - 1] as number)) &&
    indices.every((index) => index >= 0 && index < size);
  if (!isPossible) throw new RangeError('a sparse tensor has impossible indices');
  return { segments, indices };
}

/** A SparseIndexVector: its type is field `number`, the vector the field after that. */
function indexVector(dimension: Table, number: number): number[] {
  const vector = dimension.table(number + 1);
  if (!vector) return [];
  const type = dimension.byte(number);
  return type === 1 ? vector.ints(0) : type === 2 ? vector.shorts(0) : [...vector.bytes(0)];
}
