import { PbfReader } from 'pbf';
import type { StoredTensor, WeightFile } from '../architectures/weight-file.ts';

/** The names of weights in TF-slim. Other constants are axes, decay rates and the like. */
const weightName = /(^|\/)(weights|biases|beta|gamma|moving_mean|moving_variance)$/;

/** The classifier of the training graph, which does not contribute to the embedding. */
const classifier = /^Logits\//;

/** DataType.DT_FLOAT. (tensorflow/core/framework/types.proto) */
const float32 = 1;

/**
 * Reads the weights of a TensorFlow 1 frozen graph: a GraphDef whose variables are constants, as written by `freeze_graph.py` of
 * David Sandberg's facenet. Ignores how the nodes are connected, because the graph also has an input queue and both branches of each
 * `phase_train` switch.
 *
 * @throws {Error} when the bytes are not a GraphDef.
 */
export function readFrozenGraph(bytes: Uint8Array): WeightFile {
  const tensors = new Map<string, StoredTensor>();
  let repeatedValues = 0;
  for (const { name, op, tensor } of nodesIn(bytes)) {
    if (op === 'Const' && tensor?.type === float32 && weightName.test(name) && !classifier.test(name)) {
      const { length, repeated } = countValues(tensor);
      repeatedValues += repeated;
      if (repeatedValues > maxRepeated) throw damaged(`its constants repeat ${repeatedValues} values`);
      tensors.set(name, { shape: tensor.shape, values: floats(tensor, length) });
    }
  }
  return { tensors, namesOf: (weight) => [weight] };
}

function nodesIn(bytes: Uint8Array): NodeDef[] {
  try {
    return readNodes(bytes);
  } catch (cause) {
    // This is the last reader, so the file has no other supported format either.
    throw new Error('it has no supported format: use .onnx, .pt, .pth, .safetensors, .tflite, .pb, .h5 or model.json', {
      cause,
    });
  }
}

interface NodeDef {
  name: string;
  op: string;
  /** The value of the attribute `value`. */
  tensor?: TensorProto;
}

interface TensorProto {
  type: number;
  shape: number[];
  content: Uint8Array;
  values: number[];
}

/** Reads GraphDef.node. Field numbers are from graph.proto, node_def.proto, attr_value.proto, tensor.proto and tensor_shape.proto. */
function readNodes(bytes: Uint8Array): NodeDef[] {
  const nodes = new PbfReader(bytes).readFields<NodeDef[]>((field, nodes, reader) => {
    if (field === 1) nodes.push(reader.readMessage(readNode, { name: '', op: '' }));
  }, []);
  if (!nodes.some(({ name, op }) => name && op)) throw new Error('it has no nodes of a GraphDef');
  return nodes;
}

function readNode(field: number, node: NodeDef, reader: PbfReader): void {
  if (field === 1) node.name = reader.readString();
  if (field === 2) node.op = reader.readString();
  if (field !== 5) return;
  const attribute: Attribute = reader.readMessage(readAttribute, { key: '' });
  if (attribute.key === 'value' && attribute.tensor) node.tensor = attribute.tensor;
}

/** An entry of the map NodeDef.attr. Only tensor values are read. */
interface Attribute {
  key: string;
  tensor?: TensorProto;
}

function readAttribute(field: number, entry: Attribute, reader: PbfReader): void {
  if (field === 1) entry.key = reader.readString();
  if (field !== 2) return;
  reader.readMessage((type, target: Attribute, value) => {
    if (type !== 8) return;
    target.tensor = value.readMessage(readTensor, { type: 0, shape: [], content: new Uint8Array(), values: [] });
  }, entry);
}

function readTensor(field: number, tensor: TensorProto, reader: PbfReader): void {
  if (field === 1) tensor.type = reader.readVarint();
  if (field === 2) tensor.shape = reader.readMessage(readShape, []);
  if (field === 4) tensor.content = reader.readBytes();
  if (field === 5) reader.readPackedFloat(tensor.values);
}

function readShape(field: number, shape: number[], reader: PbfReader): void {
  if (field !== 2) return;
  const dimension = { size: 0 };
  reader.readMessage((part, target: typeof dimension, value) => {
    if (part === 1) target.size = value.readVarint(true);
  }, dimension);
  shape.push(dimension.size);
}

/**
 * The maximum number of values of all constants together that are not stored but repeat the last value of a list, so that
 * damaged shapes do not exhaust the memory. The biases and statistics of a network have fewer values.
 */
const maxRepeated = 1 << 18;

/**
 * The number of values of a constant, and how many of them repeat the last one of a list that is too short. (tensor.proto)
 *
 * @throws {Error} for a shape that the stored values do not fill.
 */
function countValues({ shape, content, values }: TensorProto): { length: number; repeated: number } {
  const length = shape.reduce((product, side) => product * side, 1);
  const stored = content.length > 0 ? content.length / 4 : values.length;
  const repeated = length - stored;
  const repeats = content.length === 0 && values.length > 0 && repeated > 0;
  if (shape.every((side) => side >= 0) && (repeated === 0 || repeats)) return { length, repeated };
  throw damaged(`a constant has the shape [${shape}] and ${stored} values`);
}

function floats({ content, values }: TensorProto, length: number): Float32Array {
  if (content.length > 0) return new Float32Array(new Uint8Array(content).buffer);
  return Float32Array.from({ length }, (_, i) => values[Math.min(i, values.length - 1)] as number);
}

function damaged(reason: string): Error {
  return new Error(`The frozen graph is damaged: ${reason}. Download the file again.`);
}
