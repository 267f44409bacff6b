import { bytesOf, readMessage } from '../protobuf.ts';
import { notOnnx } from './not-onnx.ts';

/** An attribute of a node. Only the fields that operators of face networks use are read. */
export interface OnnxAttribute {
  f: number;
  i: number;
  s: string;
  t: OnnxTensor | undefined;
  floats: number[];
  ints: number[];
}

/** A node of the graph. An omitted optional input is an empty string. */
export interface OnnxNode {
  name: string;
  op: string;
  domain: string;
  inputs: string[];
  outputs: string[];
  attributes: Map<string, OnnxAttribute>;
}

/** A tensor as the file stores it. Its values are in `raw`, in one of the lists, or in another file. */
export interface OnnxTensor {
  name: string;
  shape: number[];
  /** TensorProto.DataType. */
  type: number;
  raw: Uint8Array | undefined;
  floats: number[];
  ints: number[];
  /** Whether the values are in another file: `data_location` is EXTERNAL. */
  isExternal: boolean;
  /** `location`, `offset` and `length` of values in another file. */
  external: Map<string, string>;
}

/** An input or an output of the graph. A dimension without a fixed size is −1. */
export interface OnnxValueInfo {
  name: string;
  shape: number[];
}

/** The contents of an .onnx file. */
export interface OnnxFile {
  /** The version of the default operator set. */
  opset: number;
  nodes: OnnxNode[];
  initializers: OnnxTensor[];
  inputs: OnnxValueInfo[];
  outputs: OnnxValueInfo[];
}

/**
 * Reads an .onnx file: a ModelProto. Field numbers are from onnx.proto3.
 *
 * @throws {FaceNetError} `model-file-damaged` when the bytes are not a ModelProto with a graph; `model-file-unsupported` for a
 *   SavedModel of TensorFlow and a network of Core ML.
 */
export function readOnnxFile(bytes: Uint8Array): OnnxFile {
  const file: OnnxFile = { opset: 0, nodes: [], initializers: [], inputs: [], outputs: [] };
  try {
    readModel(bytes, file);
  } catch (cause) {
    // pbf reports invalid lengths with the errors of typed arrays.
    throw notOnnx(bytes, `is damaged (${cause instanceof Error ? cause.message : cause})`, cause);
  }
  if (file.nodes.length === 0) throw notOnnx(bytes, 'has no nodes');
  return file;
}

function readModel(bytes: Uint8Array, file: OnnxFile): void {
  readMessage(bytes, (field, reader) => {
    if (field === 7) readGraph(bytesOf(reader), file);
    if (field !== 8) return;
    let [domain, version] = ['', 0];
    readMessage(bytesOf(reader), (part, set) => {
      if (part === 1) domain = set.readString();
      if (part === 2) version = set.readVarint(true);
    });
    if (domain === '' || domain === 'ai.onnx') file.opset = version;
  });
}

function readGraph(bytes: Uint8Array, file: OnnxFile): void {
  readMessage(bytes, (field, reader) => {
    if (field === 1) file.nodes.push(readNode(bytesOf(reader)));
    if (field === 5) file.initializers.push(readTensor(bytesOf(reader)));
    if (field === 11) file.inputs.push(readValueInfo(bytesOf(reader)));
    if (field === 12) file.outputs.push(readValueInfo(bytesOf(reader)));
  });
}

function readNode(bytes: Uint8Array): OnnxNode {
  const node: OnnxNode = { name: '', op: '', domain: '', inputs: [], outputs: [], attributes: new Map() };
  readMessage(bytes, (field, reader) => {
    if (field === 1) node.inputs.push(reader.readString());
    if (field === 2) node.outputs.push(reader.readString());
    if (field === 3) node.name = reader.readString();
    if (field === 4) node.op = reader.readString();
    if (field === 5) node.attributes.set(...readAttribute(bytesOf(reader)));
    if (field === 7) node.domain = reader.readString();
  });
  return node;
}

function readAttribute(bytes: Uint8Array): [name: string, attribute: OnnxAttribute] {
  const attribute: OnnxAttribute = { f: 0, i: 0, s: '', t: undefined, floats: [], ints: [] };
  let name = '';
  readMessage(bytes, (field, reader) => {
    if (field === 1) name = reader.readString();
    if (field === 2) attribute.f = reader.readFloat();
    if (field === 3) attribute.i = reader.readVarint(true);
    if (field === 4) attribute.s = reader.readString();
    if (field === 5) attribute.t = readTensor(bytesOf(reader));
    if (field === 7) reader.readPackedFloat(attribute.floats);
    if (field === 8) reader.readPackedVarint(attribute.ints, true);
  });
  return [name, attribute];
}

/** Reads a TensorProto. */
function readTensor(bytes: Uint8Array): OnnxTensor {
  const tensor: OnnxTensor = {
    name: '',
    shape: [],
    type: 0,
    raw: undefined,
    floats: [],
    ints: [],
    isExternal: false,
    external: new Map(),
  };
  readMessage(bytes, (field, reader) => {
    if (field === 1) reader.readPackedVarint(tensor.shape, true);
    if (field === 2) tensor.type = reader.readVarint();
    if (field === 4) reader.readPackedFloat(tensor.floats);
    if (field === 5 || field === 7 || field === 11) reader.readPackedVarint(tensor.ints, true);
    if (field === 8) tensor.name = reader.readString();
    if (field === 9) tensor.raw = bytesOf(reader);
    if (field === 10) reader.readPackedDouble(tensor.floats);
    if (field === 13) readEntry(bytesOf(reader), tensor.external);
    if (field === 14) tensor.isExternal = reader.readVarint() === 1;
  });
  return tensor;
}

function readEntry(bytes: Uint8Array, entries: Map<string, string>): void {
  let [key, value] = ['', ''];
  readMessage(bytes, (field, reader) => {
    if (field === 1) key = reader.readString();
    if (field === 2) value = reader.readString();
  });
  entries.set(key, value);
}

/** Reads a ValueInfoProto: `type.tensor_type.shape.dim[].dim_value`. */
function readValueInfo(bytes: Uint8Array): OnnxValueInfo {
  const info: OnnxValueInfo = { name: '', shape: [] };
  readMessage(bytes, (field, reader) => {
    if (field === 1) info.name = reader.readString();
    if (field === 2) eachNested(bytesOf(reader), [1, 2, 1], (dimension) => info.shape.push(sizeOf(dimension)));
  });
  return info;
}

/** Visits the messages on a path of field numbers, from the outermost message inwards. */
function eachNested(bytes: Uint8Array, path: readonly number[], visit: (message: Uint8Array) => void): void {
  const [number, ...inner] = path;
  readMessage(bytes, (field, reader) => {
    if (field !== number) return;
    const message = bytesOf(reader);
    if (inner.length > 0) eachNested(message, inner, visit);
    else visit(message);
  });
}

function sizeOf(dimension: Uint8Array): number {
  let size = -1;
  readMessage(dimension, (field, reader) => {
    if (field === 1) size = reader.readVarint(true);
  });
  return size;
}
