import { Builder } from 'flatbuffers';

/** A field of a FlatBuffers table: an int8, an int32, a vector of int32, or undefined for the default. */
export type Field = { byte: number } | { int: number } | { ints: readonly number[] } | undefined;

interface Tensor {
  shape: readonly number[];
  type: number;
  data?: Uint8Array;
  name?: string;
  signature?: readonly number[];
}

interface Operator {
  code: number;
  inputs: readonly number[];
  output: number;
  options: readonly Field[];
  optionsType: number | undefined;
}

/** Values of the schema's enum TensorType. */
const types = { float32: 0, int32: 2, int8: 9 };

/**
 * Writes a .tflite file with the `flatbuffers` package, by the field numbers of TensorFlow Lite's schema.fbs. The
 * methods that add a tensor return its index.
 */
export class TfliteWriter {
  readonly #tensors: Tensor[] = [];
  readonly #operators: Operator[] = [];

  /** Adds an input or a computed tensor. @param signature the shape with −1 for sizes that the caller chooses. */
  tensor(shape: readonly number[], signature?: readonly number[]): number {
    return this.#tensors.push({ shape, type: types.float32, ...(signature && { signature }) }) - 1;
  }

  /** Names a tensor. */
  rename(tensor: number, name: string): void {
    Object.assign(this.#tensors[tensor] as Tensor, { name });
  }

  /** Adds a constant float32 tensor. */
  floats(shape: readonly number[], values: ArrayLike<number>): number {
    return this.#tensors.push({ shape, type: types.float32, data: bytesOf(Float32Array.from(values)) }) - 1;
  }

  /** Adds a constant int32 tensor. */
  integers(shape: readonly number[], values: ArrayLike<number>): number {
    return this.#tensors.push({ shape, type: types.int32, data: bytesOf(Int32Array.from(values)) }) - 1;
  }

  /** Adds a constant int8 tensor. */
  quantised(shape: readonly number[], values: ArrayLike<number>): number {
    return this.#tensors.push({ shape, type: types.int8, data: bytesOf(Int8Array.from(values)) }) - 1;
  }

  /**
   * Adds an operator.
   *
   * @param optionsType the index of the options' type in the schema's union BuiltinOptions. Our reader infers it from the
   *   operator; LiteRT needs it.
   * @returns the index of its output.
   */
  operator(
    code: number,
    inputs: readonly number[],
    shape: readonly number[],
    options: readonly Field[] = [],
    optionsType?: number,
  ): number {
    const output = this.tensor(shape);
    this.#operators.push({ code, inputs, output, options, optionsType });
    return output;
  }

  /** Encodes the file. @param input the index of the input tensor. @param outputs those of the output tensors. */
  write(input: number, ...outputs: number[]): Uint8Array {
    const size = this.#tensors.reduce((sum, { data }) => sum + (data?.length ?? 0) + 200, 4096);
    const builder = new Builder(size);
    const table = (...fields: (Field | { offset: number })[]) => {
      const prepared = fields.map((field) => (field && 'ints' in field ? { offset: ints(field.ints) } : field));
      builder.startObject(fields.length);
      prepared.forEach((field, i) => {
        if (!field) return;
        if ('byte' in field) builder.addFieldInt8(i, field.byte, 0);
        else if ('int' in field) builder.addFieldInt32(i, field.int, 0);
        else builder.addFieldOffset(i, field.offset, 0);
      });
      return builder.endObject();
    };
    const ints = (values: readonly number[]) => {
      builder.startVector(4, values.length, 4);
      for (const value of [...values].reverse()) builder.addInt32(value);
      return builder.endVector();
    };
    const offsets = (values: readonly number[]) => {
      builder.startVector(4, values.length, 4);
      for (const value of [...values].reverse()) builder.addOffset(value);
      return { offset: builder.endVector() };
    };

    // Buffer 0 is empty by convention; tensors without constant data refer to it.
    const stored = [undefined, ...this.#tensors.flatMap(({ data }) => (data ? [data] : []))];
    const buffers = stored.map((data) => {
      return data ? table({ offset: builder.createByteVector(data) }) : table();
    });
    let next = 1;
    const tensors = this.#tensors.map(({ shape, type, data, name, signature }) => {
      const buffer = { int: data ? next++ : 0 };
      const text = name === undefined ? undefined : { offset: builder.createString(name) as number };
      const dynamic = signature && { ints: signature };
      return table({ ints: shape }, { byte: type }, buffer, text, undefined, undefined, undefined, dynamic);
    });
    const codes = [...new Set(this.#operators.map(({ code }) => code))];
    const operators = this.#operators.map(({ code, inputs, output, options, optionsType }) =>
      table(
        { int: codes.indexOf(code) },
        { ints: inputs },
        { ints: [output] },
        optionsType === undefined ? undefined : { byte: optionsType },
        { offset: table(...options) },
      ),
    );
    const subgraph = table(offsets(tensors), { ints: [input] }, { ints: outputs }, offsets(operators));
    const operatorCodes = codes.map((code) => table({ byte: code }, undefined, { int: 1 }, { int: code }));
    const version = { int: 3 };
    builder.finish(table(version, offsets(operatorCodes), offsets([subgraph]), undefined, offsets(buffers)), 'TFL3');
    return builder.asUint8Array();
  }
}

function bytesOf({ buffer }: { buffer: ArrayBuffer }): Uint8Array {
  return new Uint8Array(buffer);
}
