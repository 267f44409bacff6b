import { unsupportedFile } from '../../errors.ts';
import { Table } from './flatbuffer-table.ts';
import { type BuiltinOperator, builtinOperators, tensorTypes } from './schema.ts';
import { densify } from './sparse-tensor.ts';

/** An operation. Tensors are identified by number; an omitted input is −1. */
export interface Operator {
  name: BuiltinOperator;
  inputs: number[];
  output: number;
  /** The options table. Fields are read by number, in the order of the schema. */
  options: Table;
}

/** A tensor whose values are stored in the file. */
export interface Constant {
  shape: number[];
  /** float32 or int32 values, or the bits of float16 values. */
  values: Float32Array | Int32Array | Uint16Array;
}

/** The maximum number of dimensions of a tensor. (tensorflow/core/framework/tensor_shape.h, TensorShape::MaxDimensions) */
const maxDimensions = 254;

/**
 * The minimum limit on the values of all constants together, several times those of the largest face networks. The limit is the
 * file's size in bytes when that is larger.
 */
const minConstantLimit = 2e8;

/** The network in a .tflite file. */
export class TfliteFile {
  readonly inputs: number[];
  readonly outputs: ReadonlySet<number>;
  /** The operations on the image, in execution order. Operations that only unpack constants are resolved by {@link constant}. */
  readonly operators: Operator[];
  readonly #tensors: Table[];
  readonly #buffers: Table[];
  /** The operations that unpack constants, by output. */
  readonly #unpackers = new Map<number, Operator>();
  readonly #producers = new Map<number, Operator>();
  readonly #consumers = new Map<number, Operator[]>();
  /** The remaining limit. In damaged files, tensors can share a buffer or spread few values over a huge shape. */
  #constantLimit: number;

  /** @throws {RangeError | TypeError} for a damaged file; {FaceNetError} `model-file-unsupported` for an unknown operator. */
  constructor(bytes: Uint8Array) {
    const model = Table.root(bytes);
    const codes = model.tables(1).map((code) => Math.max(code.byte(0), code.int(3)));
    const [subgraph] = model.tables(2) as [Table];
    this.#buffers = model.tables(4);
    this.#tensors = subgraph.tables(0);
    this.inputs = subgraph.ints(1);
    this.outputs = new Set(subgraph.ints(2));
    this.#constantLimit = Math.max(bytes.length, minConstantLimit);
    const all = readOperators(subgraph.tables(3), codes, bytes.length);
    for (const operator of all) {
      if (isUnpacker(operator)) this.#unpackers.set(operator.output, operator);
    }
    this.operators = all.filter((operator) => !isUnpacker(operator));
    this.#connect();
  }

  /** The operation that computes a tensor. */
  producer(tensor: number): Operator | undefined {
    return this.#producers.get(tensor);
  }

  /** The operations that read a tensor. */
  consumers(tensor: number): readonly Operator[] {
    return this.#consumers.get(tensor) ?? [];
  }

  /** Whether a tensor's values are stored in the file. */
  isConstant(tensor: number): boolean {
    const table = this.#tensors[tensor];
    return this.#unpackers.has(tensor) || (!!table && (this.#buffers[table.int(2)]?.length(0) ?? 0) > 0);
  }

  /** A tensor's shape, with a batch of one. @throws {RangeError} for too many dimensions. */
  shape(tensor: number): number[] {
    return checkedShape((this.#tensors[tensor] as Table).ints(0));
  }

  /**
   * A tensor's shape, with −1 for each dimension that the caller of the network chooses.
   *
   * @throws {RangeError} for too many dimensions.
   */
  dynamicShape(tensor: number): number[] {
    const signature = checkedShape((this.#tensors[tensor] as Table).ints(7));
    const shape = this.shape(tensor);
    return signature.length === shape.length ? signature : shape;
  }

  /** A tensor's name; empty if it has none. */
  tensorName(tensor: number): string {
    return new TextDecoder().decode((this.#tensors[tensor] as Table).bytes(3));
  }

  /**
   * A tensor whose values are stored in the file: dense, sparse, or as float16.
   *
   * @throws {RangeError} for a damaged file; {FaceNetError} `model-file-unsupported` for a type that is not converted.
   */
  constant(tensor: number): Constant {
    const unpacker = this.#unpackers.get(tensor);
    const [source] = unpacker?.inputs ?? [tensor];
    if (unpacker?.name === 'DEQUANTIZE') return this.constant(source as number);
    const table = this.#tensors[source as number] as Table;
    const shape = this.shape(source as number);
    const length = shape.reduce((product, size) => product * size, 1);
    if (!shape.every((size) => size > 0)) throw new RangeError('a constant has an impossible size');
    this.#claim(length);
    const values = typedValues((this.#buffers[table.int(2)] as Table).bytes(0), table.byte(1));
    const sparsity = table.table(6);
    if (sparsity) return { shape, values: densify(values, shape, sparsity, (count) => this.#claim(count)) };
    if (values.length !== length) throw new RangeError('a constant has more or fewer values than its shape');
    return { shape, values };
  }

  #connect(): void {
    for (const operator of this.operators) {
      if (!this.#producers.has(operator.output)) this.#producers.set(operator.output, operator);
      for (const input of new Set(operator.inputs)) {
        const consumers = this.#consumers.get(input);
        if (consumers) consumers.push(operator);
        else this.#consumers.set(input, [operator]);
      }
    }
  }

  /** Deducts values from the limit before they are allocated. */
  #claim(count: number): void {
    this.#constantLimit -= count;
    if (!(this.#constantLimit >= 0)) throw new RangeError('the constants have an impossible size');
  }
}

function checkedShape(shape: number[]): number[] {
  if (shape.length > maxDimensions) throw new RangeError('a tensor has an impossible number of dimensions');
  return shape;
}

function isUnpacker({ name }: Operator): boolean {
  return name === 'DEQUANTIZE' || name === 'DENSIFY';
}

function readOperators(tables: readonly Table[], codes: readonly number[], fileSize: number): Operator[] {
  let references = 0;
  return tables.map((table) => {
    const operator = readOperator(table, codes);
    // In damaged files, operators can share one list of inputs, whose copies would fill the memory.
    references += operator.inputs.length + table.length(2);
    if (4 * references > fileSize) throw new RangeError('the operators name more tensors than the file has room for');
    return operator;
  });
}

function readOperator(table: Table, codes: readonly number[]): Operator {
  const code = codes[table.int(0)] as number;
  const name = builtinOperators[code];
  const [output] = table.ints(2) as [number];
  if (name === undefined)
    throw unsupportedFile(`The .tflite file has the operator ${code}, which cannot be converted.`);
  return { name, inputs: table.ints(1), output, options: table.table(4) ?? Table.empty };
}

function typedValues({ buffer }: Uint8Array<ArrayBuffer>, type: number): Constant['values'] {
  const name = tensorTypes[type];
  if (name === 'float32') return new Float32Array(buffer);
  if (name === 'float16') return new Uint16Array(buffer);
  if (name === 'int32') return new Int32Array(buffer);
  throw unsupportedFile(
    `The .tflite file has weights of ${name ?? `type ${type}`}: use a file with float32 or float16.`,
  );
}
