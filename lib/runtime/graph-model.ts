import type { ModelFiles } from './runtime.ts';

/** A value of a node's attribute, in TensorFlow's JSON; texts are base64. */
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

/** A weight as the weights' manifest describes it. */
interface WeightSpec {
  name: string;
  shape: number[];
  dtype: string;
  quantization?: { dtype: string; scale?: number; min?: number };
}

/** A tensor's values as they are stored: as they are, as 16-bit floats (IEEE 754 binary16), or as steps of `scale` from `min`. */
export type Stored =
  | { form: 'values'; values: Float32Array | Int32Array }
  | { form: 'halves'; values: Uint16Array }
  | { form: 'steps'; values: Uint8Array | Uint16Array; scale: number; min: number };

/** A tensor that a network carries. */
export class Constant {
  /**
   * @param shape in TensorFlow's order.
   * @param stored its values, row by row.
   * @param factors what the values are to be multiplied with, along the last axis.
   */
  constructor(
    readonly shape: number[],
    readonly dtype: 'float32' | 'int32',
    readonly stored: Stored,
    readonly factors?: Float32Array,
  ) {}

  /** Its values, not to be written to: expanded anew where they are stored otherwise. */
  get values(): Float32Array | Int32Array {
    const values = expanded(this.stored);
    return this.factors ? scaleLastAxis(values, this.factors) : values;
  }

  /** The same values in another shape of as many, with the same last axis. */
  reshaped(shape: number[]): Constant {
    return new Constant(shape, this.dtype, this.stored, this.factors);
  }
}

/** A graph model: what to compute, in an order in which it can be, and the numbers for it. */
export interface GraphModel {
  /** All nodes but the constants. */
  nodes: GraphNode[];
  constants: Map<string, Constant>;
  /** What TensorFlow says of the GraphDef's own version. */
  versions: unknown;
}

/**
 * Reads a graph model. What would be computed anew for every picture is computed once: a `Mul` of two weights, which is how a
 * model keeps its filters as uint8 and their batch normalisation as one float per channel.
 */
export function readGraphModel({ json, weights }: ModelFiles): GraphModel {
  const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(json)) as {
    modelTopology: { node: GraphNode[]; versions?: unknown };
    weightsManifest: { weights: WeightSpec[] }[];
  };
  const constants = new Map<string, Constant>();
  let offset = 0;
  for (const spec of weightsManifest.flatMap((group) => group.weights)) {
    const bytes = lengthOf(spec.shape) * bytesPerValue(spec);
    const stored = weights.subarray(offset, offset + bytes);
    if (stored.length !== bytes) throw new Error(`the file of weights does not hold what ${spec.name} needs`);
    constants.set(spec.name, constantOf(spec, stored));
    offset += bytes;
  }
  const nodes = modelTopology.node.filter((node) => {
    const [left, right] = (node.input ?? []).map((name) => constants.get(name));
    if (node.op !== 'Mul' || !left || !right || left.shape.at(-1) !== lengthOf(right.shape)) return node.op !== 'Const';
    constants.set(node.name, scaled(left, Float32Array.from(right.values)));
    return false;
  });
  const used = new Set(nodes.flatMap(({ input = [] }) => input.map(nodeName)));
  for (const name of constants.keys()) if (!used.has(name)) constants.delete(name);
  return { nodes, constants, versions: modelTopology.versions };
}

/** The node that an input names: without the mark of a control input and the number of the output. */
export function nodeName(input: string): string {
  return input.replace(/^\^|:\d+$/g, '');
}

function bytesPerValue({ dtype, quantization }: WeightSpec): number {
  const stored = quantization?.dtype ?? dtype;
  if (stored === 'uint8') return 1;
  return stored === 'float16' || stored === 'uint16' ? 2 : 4;
}

function constantOf({ shape, dtype, quantization }: WeightSpec, bytes: Uint8Array<ArrayBuffer>): Constant {
  if (dtype !== 'float32' && dtype !== 'int32') throw new Error(`weights of type ${dtype} are not known`);
  return new Constant(shape, dtype, storedOf(dtype, quantization, bytes));
}

function storedOf(
  dtype: Constant['dtype'],
  quantization: WeightSpec['quantization'],
  bytes: Uint8Array<ArrayBuffer>,
): Stored {
  const { scale = 1, min = 0 } = quantization ?? {};
  // Bytes are used where they lie; wider values may not begin where the file has them.
  if (dtype === 'float32' && quantization?.dtype === 'uint8') return { form: 'steps', values: bytes, scale, min };
  const { buffer } = bytes.slice();
  if (dtype === 'int32') return { form: 'values', values: new Int32Array(buffer) };
  if (!quantization) return { form: 'values', values: new Float32Array(buffer) };
  if (quantization.dtype === 'float16') return { form: 'halves', values: new Uint16Array(buffer) };
  return { form: 'steps', values: new Uint16Array(buffer), scale, min };
}

/** A tensor times a vector along its last axis. */
function scaled({ shape, stored, factors }: Constant, by: Float32Array): Constant {
  return new Constant(shape, 'float32', stored, factors ? factors.map((factor, i) => factor * (by[i] as number)) : by);
}

/** How many values a tensor of a shape has. */
export function lengthOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Stored values as numbers. */
export function expanded(stored: Stored): Float32Array | Int32Array {
  if (stored.form === 'values') return stored.values;
  if (stored.form === 'halves') return expandHalves(stored.values);
  const { values: steps, scale, min } = stored;
  const values = new Float32Array(steps.length);
  for (let i = 0; i < values.length; i++) values[i] = (steps[i] as number) * scale + min;
  return values;
}

/** Floats from their 16-bit form (IEEE 754 binary16). */
function expandHalves(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i] as number;
    const sign = (half & 0x8000) << 16;
    const exponent = (half >> 10) & 31;
    const fraction = half & 0x3ff;
    if (exponent === 0) values[i] = (sign ? -1 : 1) * fraction * 2 ** -24;
    else bits[i] = sign | ((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13);
  }
  return values;
}

/** The product of a tensor with a vector along its last axis. */
function scaleLastAxis(values: Float32Array | Int32Array, scale: Float32Array): Float32Array {
  const product = new Float32Array(values.length);
  for (let i = 0; i < values.length; i += scale.length) {
    for (let j = 0; j < scale.length; j++) product[i + j] = (values[i + j] as number) * (scale[j] as number);
  }
  return product;
}
