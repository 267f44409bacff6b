import { Table } from './flatbuffer.ts';
import { type BuiltinOperator, builtinOperators, tensorTypes } from './tflite-operators.ts';

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

/** A network as a .tflite file describes it. */
export class Tflite {
  readonly inputs: number[];
  readonly outputs: number[];
  /** What is computed for every picture, in order; constants are resolved before. */
  readonly operators: Operator[];
  readonly #tensors: Table[];
  readonly #buffers: Table[];
  /** How the constants that are not stored plainly are made of others. */
  readonly #makers = new Map<number, Operator>();

  constructor(bytes: Uint8Array) {
    const model = Table.root(bytes);
    const codes = model.tables(1).map((code) => Math.max(code.byte(0), code.int(3)));
    const [subgraph] = model.tables(2) as [Table];
    this.#buffers = model.tables(4);
    this.#tensors = subgraph.tables(0);
    this.inputs = subgraph.ints(1);
    this.outputs = subgraph.ints(2);
    const all = subgraph.tables(3).map((table) => readOperator(table, codes));
    for (const operator of all) {
      if (isMaker(operator)) this.#makers.set(operator.output, operator);
    }
    this.operators = all.filter((operator) => !isMaker(operator));
  }

  /** Whether a tensor's values are in the file, instead of computed for every picture. */
  isConstant(tensor: number): boolean {
    const table = this.#tensors[tensor];
    return this.#makers.has(tensor) || (!!table && (this.#buffers[table.int(2)]?.length(0) ?? 0) > 0);
  }

  /** A tensor's shape, with a batch of one. */
  shape(tensor: number): number[] {
    return (this.#tensors[tensor] as Table).ints(0);
  }

  /** A tensor whose values are in the file: stored plainly, sparse, or as float16. */
  constant(tensor: number): Constant {
    const maker = this.#makers.get(tensor);
    const [source] = maker?.inputs ?? [tensor];
    if (maker?.name === 'DEQUANTIZE') return this.constant(source as number);
    const table = this.#tensors[source as number] as Table;
    const shape = table.ints(0);
    const values = typed((this.#buffers[table.int(2)] as Table).bytes(0), table.byte(1));
    const sparsity = table.table(6);
    return { shape, values: sparsity ? densify(values, shape, sparsity) : values };
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

/** The most numbers that a tensor of a network for pictures of faces may have. */
const largestTensor = 1e8;

/**
 * Spreads the stored values of a sparse tensor over its whole shape.
 * (tensorflow/lite/kernels/internal/utils/sparsity_format_converter.cc, FormatConverter::Populate)
 */
function densify<T extends Constant['values']>(stored: T, shape: number[], sparsity: Table): T {
  const order = sparsity.ints(0);
  const blockMap = sparsity.ints(1);
  const levels = sparsity.tables(2).map((dimension) => ({
    sparse: dimension.byte(0) === 1,
    size: dimension.int(1),
    segments: indexVector(dimension, 2),
    indices: indexVector(dimension, 4),
  }));
  const elements = levels.reduce((product, { size }) => product * Math.max(1, size), 1);
  if (!shape.every((size) => size > 0) || !(elements > 0 && elements <= largestTensor)) {
    throw new RangeError('a sparse tensor has an impossible size');
  }
  const dense = stored.slice(0, 0).constructor as new (length: number) => T;
  const length = shape.reduce((product, size) => product * size, 1);
  if (length > largestTensor) throw new RangeError('a tensor has an impossible size');
  const values = new dense(length);
  const position: number[] = [];
  let next = 0;

  const place = () => {
    const index = new Array<number>(shape.length).fill(0);
    order.forEach((dimension, level) => {
      if (level < shape.length) {
        index[dimension] = position[level] as number;
      } else {
        const blocked = blockMap[dimension - shape.length] as number;
        const { size } = levels[level] as { size: number };
        index[blocked] = (index[blocked] as number) * size + (position[level] as number);
      }
    });
    return index.reduce((flat, i, dimension) => flat * (shape[dimension] as number) + i, 0);
  };
  const populate = (level: number, previous: number) => {
    const dimension = levels[level];
    if (!dimension) {
      values[place()] = stored[next++] as number;
    } else if (dimension.sparse) {
      for (let i = dimension.segments[previous] as number; i < (dimension.segments[previous + 1] as number); i++) {
        position[level] = dimension.indices[i] as number;
        populate(level + 1, i);
      }
    } else {
      for (let i = 0; i < dimension.size; i++) {
        position[level] = i;
        populate(level + 1, previous * dimension.size + i);
      }
    }
  };
  populate(0, 0);
  return values;
}

/** A SparseIndexVector: its type is field `number`, the vector the field after that. */
function indexVector(dimension: Table, number: number): ArrayLike<number> {
  const vector = dimension.table(number + 1);
  if (!vector) return [];
  const type = dimension.byte(number);
  return type === 1 ? vector.ints(0) : type === 2 ? vector.shorts(0) : vector.bytes(0);
}
