import protobuf from 'protobufjs';

/**
 * The used subset of TensorFlow's graph.proto, node_def.proto, attr_value.proto, tensor.proto, tensor_shape.proto and
 * types.proto.
 */
const schema = `
  syntax = "proto3";
  package tensorflow;
  message GraphDef { repeated NodeDef node = 1; VersionDef versions = 4; }
  message VersionDef { int32 producer = 1; int32 min_consumer = 2; }
  message NodeDef {
    string name = 1; string op = 2; repeated string input = 3; string device = 4; map<string, AttrValue> attr = 5;
  }
  message AttrValue {
    message ListValue {
      repeated bytes s = 2; repeated int64 i = 3; repeated float f = 4; repeated bool b = 5; repeated DataType type = 6;
      repeated TensorShapeProto shape = 7;
    }
    oneof value {
      ListValue list = 1; bytes s = 2; int64 i = 3; float f = 4; bool b = 5; DataType type = 6; TensorShapeProto shape = 7;
      TensorProto tensor = 8;
    }
  }
  message TensorShapeProto {
    message Dim { int64 size = 1; string name = 2; }
    repeated Dim dim = 2; bool unknown_rank = 3;
  }
  message TensorProto {
    DataType dtype = 1; TensorShapeProto tensor_shape = 2; int32 version_number = 3; bytes tensor_content = 4;
    repeated float float_val = 5; repeated int32 int_val = 7;
  }
  enum DataType { DT_INVALID = 0; DT_FLOAT = 1; DT_INT32 = 3; DT_STRING = 7; DT_BOOL = 10; }
`;
const type = protobuf.parse(schema).root.lookupType('tensorflow.GraphDef');

type Values = readonly number[] | Float32Array;

/** An attribute value in the form that protobufjs encodes. */
export type Attr = Record<string, unknown>;

/** The attribute of the type float32. */
export const float: Attr = { type: 'DT_FLOAT' };
/** A string attribute. */
export const text = (value: string): Attr => ({ s: Buffer.from(value) });
/** An attribute that lists integers. */
export const ints = (...values: number[]): Attr => ({ list: { i: values } });

interface NodeDef {
  name: string;
  op: string;
  input: string[];
  attr: Record<string, Attr>;
}

/** Writes a GraphDef with protobufjs, independently of the reader under test. */
export class GraphDef {
  readonly nodes: NodeDef[] = [];
  /** The values of the constants, by name. */
  readonly constants = new Map<string, { shape: readonly number[]; dtype: 'float32' | 'int32'; values: Values }>();

  /** Adds a node. @returns its name. */
  add(name: string, op: string, input: string[] = [], attr: Record<string, Attr> = {}): string {
    this.nodes.push({ name, op, input, attr });
    return name;
  }

  /**
   * Adds a constant. Like TensorFlow, writes a single number as a value and several as bytes.
   *
   * @param control the nodes it depends on.
   * @returns its name.
   */
  constant(
    name: string,
    shape: readonly number[],
    values: Values,
    { dtype = 'float32', control = [] }: { dtype?: 'float32' | 'int32'; control?: string[] } = {},
  ): string {
    this.constants.set(name, { shape, dtype, values });
    const type = dtype === 'float32' ? 'DT_FLOAT' : 'DT_INT32';
    const [first] = values;
    const typed = dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values);
    const single = dtype === 'float32' ? { floatVal: [first] } : { intVal: [first] };
    const content = { tensorContent: Buffer.from(typed.buffer) };
    const tensor = {
      dtype: type,
      tensorShape: { dim: shape.map((size) => ({ size })) },
      ...(values.length === 1 ? single : content),
    };
    return this.add(
      name,
      'Const',
      control.map((node) => `^${node}`),
      { dtype: { type }, value: { tensor } },
    );
  }

  /** Encodes the file. */
  encode(): Uint8Array {
    const message = type.fromObject({ node: this.nodes, versions: { producer: 26 } });
    return type.encode(message).finish();
  }

  /** The graph in the JSON form of TensorFlow.js, without the values of the constants. */
  topology(): object {
    const node = this.nodes.map(({ attr: { value: _, ...attr }, ...rest }) => ({ ...rest, attr }));
    const message = type.fromObject({ node, versions: { producer: 26 } });
    return type.toObject(message, { enums: String, longs: String, bytes: String });
  }
}
