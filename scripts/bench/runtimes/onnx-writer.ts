import { PbfWriter } from 'pbf';

/** The value of an attribute: an integer, a list of integers or a string. */
type AttributeValue = number | readonly number[] | string;

interface OnnxNode {
  operator: string;
  inputs: readonly string[];
  output: string;
  attributes: Record<string, AttributeValue>;
}

interface Initializer {
  name: string;
  shape: readonly number[];
  values: Float32Array | BigInt64Array;
}

/** The types of onnx.proto: TensorProto.DataType and AttributeProto.AttributeType. */
const dataTypes = { float: 1, int64: 7 };
const attributeTypes = { int: 2, string: 3, ints: 7 };

/** The operator set: the first whose Resize, Pad and ReduceMean take all their operands as inputs. */
const operatorSet = 18;

/** Writes an .onnx file by the field numbers of onnx.proto. */
export class OnnxWriter {
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers: Initializer[] = [];

  /** Adds a node. @returns the name of its output. */
  node(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Record<string, AttributeValue> = {},
  ): string {
    this.#nodes.push({ operator, inputs, output, attributes });
    return output;
  }

  /** Adds constant floats. @returns their name. */
  floats(name: string, shape: readonly number[], values: Float32Array): string {
    this.#initializers.push({ name, shape, values });
    return name;
  }

  /** Adds a constant vector of integers. @returns its name. */
  integers(name: string, values: readonly number[]): string {
    this.#initializers.push({ name, shape: [values.length], values: BigInt64Array.from(values, BigInt) });
    return name;
  }

  /** Encodes the file. */
  write(
    input: { name: string; shape: readonly number[] },
    outputs: readonly { name: string; shape: readonly number[] }[],
  ): Uint8Array {
    const file = new PbfWriter();
    // 8 is the version of the format that operator set 18 was published with.
    file.writeVarintField(1, 8);
    file.writeMessage(7, (_, graph) => this.#writeGraph(graph, input, outputs), undefined);
    file.writeMessage(8, (_, set) => set.writeVarintField(2, operatorSet), undefined);
    return file.finish();
  }

  #writeGraph(graph: PbfWriter, input: ValueInfo, outputs: readonly ValueInfo[]): void {
    for (const node of this.#nodes) graph.writeMessage(1, writeNode, node);
    graph.writeStringField(2, 'network');
    for (const initializer of this.#initializers) graph.writeMessage(5, writeInitializer, initializer);
    graph.writeMessage(11, writeValueInfo, input);
    for (const output of outputs) graph.writeMessage(12, writeValueInfo, output);
  }
}

interface ValueInfo {
  name: string;
  shape: readonly number[];
}

function writeNode({ operator, inputs, output, attributes }: OnnxNode, node: PbfWriter): void {
  for (const input of inputs) node.writeStringField(1, input);
  node.writeStringField(2, output);
  node.writeStringField(4, operator);
  for (const attribute of Object.entries(attributes)) node.writeMessage(5, writeAttribute, attribute);
}

function writeAttribute([name, value]: [string, AttributeValue], attribute: PbfWriter): void {
  attribute.writeStringField(1, name);
  if (typeof value === 'number') {
    attribute.writeVarintField(3, value);
    attribute.writeVarintField(20, attributeTypes.int);
  } else if (typeof value === 'string') {
    attribute.writeStringField(4, value);
    attribute.writeVarintField(20, attributeTypes.string);
  } else {
    for (const item of value) attribute.writeVarintField(8, item);
    attribute.writeVarintField(20, attributeTypes.ints);
  }
}

function writeInitializer({ name, shape, values }: Initializer, tensor: PbfWriter): void {
  for (const size of shape) tensor.writeVarintField(1, size);
  tensor.writeVarintField(2, values instanceof Float32Array ? dataTypes.float : dataTypes.int64);
  tensor.writeStringField(8, name);
  tensor.writeBytesField(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

function writeValueInfo({ name, shape }: ValueInfo, info: PbfWriter): void {
  info.writeStringField(1, name);
  info.writeMessage(2, (_, type) => type.writeMessage(1, writeTensorType, shape), undefined);
}

function writeTensorType(shape: readonly number[], type: PbfWriter): void {
  type.writeVarintField(1, dataTypes.float);
  type.writeMessage(
    2,
    (sizes, list) => {
      for (const size of sizes) list.writeMessage(1, (value, dimension) => dimension.writeVarintField(1, value), size);
    },
    shape,
  );
}
