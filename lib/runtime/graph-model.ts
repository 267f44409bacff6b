import { bytesPerElement, Constant, elementCount, storedValues, type WeightEncoding } from './constant.ts';
import type { ModelFiles } from './runtime.ts';

/** The value of a node's attribute in TensorFlow's JSON. Strings are base64. */
interface Attribute {
  s?: string;
  i?: string | number;
  f?: number;
  b?: boolean;
  list?: { s?: string[]; i?: (string | number)[] };
  [other: string]: unknown;
}

/** A node of a TensorFlow GraphDef. */
export interface GraphNode {
  name: string;
  op: string;
  input?: string[];
  attr?: Record<string, Attribute>;
}

/** An entry of the weights manifest of model.json. */
interface WeightSpec extends WeightEncoding {
  name: string;
  shape: number[];
}

/** A TensorFlow.js graph model with its weights. */
export interface GraphModel {
  /** All nodes but the constants, in topological order. */
  nodes: GraphNode[];
  constants: Map<string, Constant>;
  /** The `versions` of the GraphDef. */
  versions: unknown;
}

/**
 * Parses a graph model. A `Mul` of a constant with a vector along its last axis is folded into the constant: models
 * store their filters as uint8 and the scale of the batch normalisation as one float per channel.
 *
 * @throws {Error} when the weights are truncated or of an unknown type.
 */
export function readGraphModel({ json, weights }: ModelFiles): GraphModel {
  const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(json)) as {
    modelTopology: { node: GraphNode[]; versions?: unknown };
    weightsManifest: { weights: WeightSpec[] }[];
  };
  const specs = weightsManifest.flatMap((group) => group.weights);
  const constants = readConstants(specs, weights);
  const nodes = modelTopology.node.filter((node) => node.op !== 'Const' && !foldedMul(node, constants));
  const used = new Set(nodes.flatMap(({ input = [] }) => input.map(nodeName)));
  for (const name of constants.keys()) if (!used.has(name)) constants.delete(name);
  return { nodes, constants, versions: modelTopology.versions };
}

/** The name of the node that an input refers to, without the prefix of a control input or the index of the output. */
export function nodeName(input: string): string {
  return input.replace(/^\^|:\d+$/g, '');
}

function readConstants(specs: readonly WeightSpec[], weights: Uint8Array<ArrayBuffer>): Map<string, Constant> {
  const constants = new Map<string, Constant>();
  let offset = 0;
  for (const spec of specs) {
    const length = elementCount(spec.shape) * bytesPerElement(spec);
    const bytes = weights.subarray(offset, offset + length);
    if (bytes.length !== length) throw new Error(`the weights file is truncated: it ends within ${spec.name}`);
    constants.set(spec.name, constantOf(spec, bytes));
    offset += length;
  }
  return constants;
}

function constantOf(spec: WeightSpec, bytes: Uint8Array<ArrayBuffer>): Constant {
  const { name, shape, dtype } = spec;
  if (dtype !== 'float32' && dtype !== 'int32') throw new Error(`the weights ${name} have the unknown type ${dtype}`);
  return new Constant(shape, dtype, storedValues(spec, bytes));
}

/** Replaces a `Mul` of a constant and a vector by a constant; returns whether the node was one. */
function foldedMul({ name, op, input = [] }: GraphNode, constants: Map<string, Constant>): boolean {
  const [left, right] = input.map((operand) => constants.get(operand));
  if (op !== 'Mul' || !left || !right || left.shape.at(-1) !== elementCount(right.shape)) return false;
  constants.set(name, left.scaledBy(Float32Array.from(right.values)));
  return true;
}
