import { PbfReader } from 'pbf';
import type { StoredTensor, WeightFile } from '../architectures/weight-file.ts';

/** What TF-slim calls the weights of a layer. Other constants are axes, decays and the like. */
const weightName = /(^|\/)(weights|biases|beta|gamma|moving_mean|moving_variance)$/;

/** The classifier that a network was trained with, which embeddings do without. */
const classifier = /^Logits\//;

/** DataType.DT_FLOAT. (tensorflow/core/framework/types.proto) */
const float32 = 1;

/**
 * The weights in a frozen graph of TensorFlow 1: a GraphDef whose variables have become constants, as `freeze_graph.py` of David
 * Sandberg's facenet writes it. How its nodes are connected is not looked at: beside the network there are the queue of pictures
 * and both ways of each `phase_train` switch.
 *
 * @throws {Error} when the bytes are no GraphDef.
 */
export function readFrozenGraph(bytes: Uint8Array): WeightFile {
  const tensors = new Map<string, StoredTensor>();
  for (const { name, op, tensor } of readNodes(bytes)) {
    if (op === 'Const' && tensor?.type === float32 && weightName.test(name) && !classifier.test(name)) {
      tensors.set(name, { shape: tensor.shape, values: floats(tensor) });
    }
  }
  return { tensors, namesOf: (weight) => [weight] };
}

interface NodeDef {
  name: string;
  op: string;
  /** The attribute `value`. */
  tensor?: TensorProto;
}

interface TensorProto {
  type: number;
  shape: number[];
  content: Uint8Array;
  values: number[];
}

/** GraphDef.node. The field numbers are those of graph.proto, node_def.proto, attr_value.proto, tensor.proto and tensor_shape.proto. */
function readNodes(bytes: Uint8Array): NodeDef[] {
  const nodes = new PbfReader(bytes).readFields<NodeDef[]>((field, nodes, reader) => {
    if (field === 1) nodes.push(reader.readMessage(readNode, { name: '', op: '' }));
  }, []);
  if (!nodes.some(({ name, op }) => name && op)) throw new Error('there is no node in it');
  return nodes;
}

function readNode(field: number, node: NodeDef, reader: PbfReader): void {
  if (field === 1) node.name = reader.readString();
  if (field === 2) node.op = reader.readString();
  if (field !== 5) return;
  const attribute: Attribute = reader.readMessage(readAttribute, { key: '' });
  if (attribute.key === 'value' && attribute.tensor) node.tensor = attribute.tensor;
}

/** An entry of the map from names to AttrValue, of which only tensors matter. */
interface Attribute {
  key: string;
  tensor?: TensorProto;
}

function readAttribute(field: number, entry: Attribute, reader: PbfReader): void {
  if (field === 1) entry.key = reader.readString();
  if (field !== 2) return;
  reader.readMessage((kind, found: Attribute, value) => {
    if (kind !== 8) return;
    found.tensor = value.readMessage(readTensor, { type: 0, shape: [], content: new Uint8Array(), values: [] });
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
  reader.readMessage((part, into: typeof dimension, value) => {
    if (part === 1) into.size = value.readVarint(true);
  }, dimension);
  shape.push(dimension.size);
}

/** The values as bytes or one by one; of the latter, those that are left out are like the last. */
function floats({ shape, content, values }: TensorProto): Float32Array {
  const length = shape.reduce((product, side) => product * side, 1);
  if (content.length > 0) return new Float32Array(new Uint8Array(content).buffer);
  return Float32Array.from({ length }, (_, i) => values[Math.min(i, values.length - 1)] ?? 0);
}
