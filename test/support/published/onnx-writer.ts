/** An attribute: an integer, a list of integers, a float, a list of floats, a string or a tensor. */
export type WrittenAttribute =
  | number
  | readonly number[]
  | { float: number }
  | { floats: readonly number[] }
  | string
  | { tensor: WrittenTensor };

/** A node: its operator, inputs, output and attributes. */
export interface WrittenNode {
  op: string;
  /** Default: that of ONNX. */
  domain?: string;
  inputs: readonly string[];
  output: string;
  /** Outputs after the first one. */
  furtherOutputs?: readonly string[];
  attributes?: Record<string, WrittenAttribute>;
}

/** A tensor of float32 values; of int64 values with `integers`. */
export interface WrittenTensor {
  shape: readonly number[];
  floats?: ArrayLike<number>;
  integers?: readonly number[];
  /** The bytes of the values, in place of those of the list, and their TensorProto.DataType. */
  raw?: Uint8Array;
  type?: number;
  /** Entries about values in another file: `location`, `offset`, `length`. The tensor then has no values of its own. */
  external?: Readonly<Record<string, string>>;
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
    field(12, valueInfo('y', undefined)),
  );
  const domains = [...new Set(nodes.flatMap(({ domain }) => domain ?? []))];
  return message(
    integer(1, 8),
    field(7, graph),
    field(8, message(integer(2, opset))),
    ...domains.map((domain) => field(8, message(field(1, text(domain)), integer(2, 1)))),
  );
}

function writeNode({ op, domain = '', inputs, output, furtherOutputs = [], attributes = {} }: WrittenNode): Uint8Array {
  return message(
    ...inputs.map((input) => field(1, text(input))),
    ...[output, ...furtherOutputs].map((name) => field(2, text(name))),
    field(4, text(op)),
    field(7, text(domain)),
    ...Object.entries(attributes).map(([name, value]) => field(5, message(field(1, text(name)), attribute(value)))),
  );
}

function attribute(value: WrittenAttribute): Uint8Array {
  // The last field is AttributeProto.type.
  if (typeof value === 'number') return message(integer(3, value), integer(20, 2));
  if (typeof value === 'string') return message(field(4, text(value)), integer(20, 3));
  if ('float' in value) return message(float(2, value.float), integer(20, 1));
  if ('floats' in value) return message(...value.floats.map((each) => float(7, each)), integer(20, 6));
  if ('tensor' in value) return message(field(5, writeTensor('', value.tensor)), integer(20, 4));
  return message(...value.map((each) => integer(8, each)), integer(20, 7));
}

function writeTensor(
  name: string,
  { shape, floats = [], integers, raw, type = integers ? 7 : 1, external }: WrittenTensor,
): Uint8Array {
  const values = integers ? BigInt64Array.from(integers.map(BigInt)) : Float32Array.from(floats);
  const stored = external
    ? [...Object.entries(external).map(([key, value]) => field(13, entry(key, value))), integer(14, 1)]
    : [field(9, raw ?? new Uint8Array(values.buffer))];
  return message(...shape.map((size) => integer(1, size)), integer(2, type), field(8, text(name)), ...stored);
}

function entry(key: string, value: string): Uint8Array {
  return message(field(1, text(key)), field(2, text(value)));
}

function valueInfo(name: string, shape: readonly number[] | undefined): Uint8Array {
  const dimensions = shape?.map((size) => field(1, message(integer(1, size)))) ?? [];
  const sizes = shape ? [field(2, message(...dimensions))] : [];
  return message(field(1, text(name)), field(2, message(field(1, message(integer(1, 1), ...sizes)))));
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

function float(number: number, value: number): Uint8Array {
  return message([(number << 3) | 5], new Uint8Array(Float32Array.of(value).buffer));
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
