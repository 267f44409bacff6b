/** A node: its operator, inputs, outputs and attributes, which are integers, lists of integers, floats or strings. */
export interface WrittenNode {
  op: string;
  inputs: readonly string[];
  output: string;
  attributes?: Record<string, number | readonly number[] | { float: number } | string>;
}

/** An initializer of float32 values; of int64 values with `integers`. */
export interface WrittenTensor {
  shape: readonly number[];
  floats?: ArrayLike<number>;
  integers?: readonly number[];
  /** The bytes of the values, in place of those of the list. */
  raw?: Uint8Array;
}

/** An .onnx file, written field by field after onnx.proto3. Its input is `x`, and its output `y`. */
export function writeOnnx(
  nodes: readonly WrittenNode[],
  initializers: Readonly<Record<string, WrittenTensor>> = {},
  { input = [1, 3, 8, 8], opset = 17 }: { input?: readonly number[]; opset?: number } = {},
): Uint8Array<ArrayBuffer> {
  const graph = message(
    ...nodes.map((node) => field(1, writeNode(node))),
    ...Object.entries(initializers).map(([name, tensor]) => field(5, writeTensor(name, tensor))),
    field(11, valueInfo('x', input)),
    field(12, valueInfo('y', [])),
  );
  return message(integer(1, 8), field(7, graph), field(8, message(integer(2, opset))));
}

function writeNode({ op, inputs, output, attributes = {} }: WrittenNode): Uint8Array {
  return message(
    ...inputs.map((input) => field(1, text(input))),
    field(2, text(output)),
    field(4, text(op)),
    ...Object.entries(attributes).map(([name, value]) => field(5, message(field(1, text(name)), attribute(value)))),
  );
}

function attribute(value: NonNullable<WrittenNode['attributes']>[string]): Uint8Array {
  if (typeof value === 'number') return integer(3, value);
  if (typeof value === 'string') return field(4, text(value));
  if ('float' in value) return message([(2 << 3) | 5], new Uint8Array(Float32Array.of(value.float).buffer));
  return message(...value.map((each) => integer(8, each)));
}

function writeTensor(name: string, { shape, floats = [], integers, raw }: WrittenTensor): Uint8Array {
  const values = integers ? BigInt64Array.from(integers.map(BigInt)) : Float32Array.from(floats);
  return message(
    ...shape.map((size) => integer(1, size)),
    integer(2, integers ? 7 : 1),
    field(8, text(name)),
    field(9, raw ?? new Uint8Array(values.buffer)),
  );
}

function valueInfo(name: string, shape: readonly number[]): Uint8Array {
  const dimensions = message(...shape.map((size) => field(1, message(integer(1, size)))));
  return message(field(1, text(name)), field(2, message(field(1, message(integer(1, 1), field(2, dimensions))))));
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

/** Joins the fields of a message. */
function message(...parts: (Uint8Array | number[])[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function field(number: number, bytes: Uint8Array): Uint8Array {
  return message(varint((number << 3) | 2), varint(bytes.length), bytes);
}

function integer(number: number, value: number): Uint8Array {
  return message(varint(number << 3), varint(value));
}

/** Negative numbers are written as 64 bits. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}
