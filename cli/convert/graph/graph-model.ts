import { utf8 } from '../bytes.ts';

/**
 * A weight tensor: float32 or int32 values; uint8 values q that stand for q · scale + min; or the bits of float16 values. `dtype` is
 * the type after dequantisation.
 */
export type Weight =
  | { shape: number[]; dtype: 'float32'; values: Float32Array }
  | { shape: number[]; dtype: 'int32'; values: Int32Array }
  | { shape: number[]; dtype: 'float32'; values: Uint8Array; quantization: { scale: number; min: number } }
  | { shape: number[]; dtype: 'float32'; values: Uint16Array; quantization: 'float16' };

/** The value of a TensorFlow NodeDef attribute, in the JSON that TensorFlow.js reads. */
export type Attribute =
  | { type: string }
  | { s: string }
  | { i: string }
  | { f: number }
  | { b: boolean }
  | { shape: { dim: { size: string }[] } }
  | { list: { i: string[] } | { s: string[] } };

/** A node of a TensorFlow GraphDef, as JSON. */
export interface Node {
  name: string;
  op: string;
  /** References to the outputs of other nodes; see {@link nodeName}. */
  input: string[];
  attr: Record<string, Attribute>;
}

/** The entry of a weight in `model.json`. */
export interface WeightEntry {
  name: string;
  shape: number[];
  dtype: string;
  quantization?: { dtype: string; original_dtype?: string; scale?: number; min?: number };
}

/** A TensorFlow.js graph model in memory. */
export interface GraphModel {
  /** The contents of `model.json`. */
  json: Record<string, unknown>;
  /** The contents of its one weight file. */
  weights: Uint8Array;
}

/** The nodes of a graph model. */
export function nodesOf({ json }: GraphModel): Node[] {
  return (json.modelTopology as { node: Node[] }).node;
}

/** The files of a graph model, as the library loads them. */
export function graphModelFiles({ json, weights }: GraphModel): { path: string; bytes: Uint8Array }[] {
  return [
    { path: 'model.json', bytes: utf8(JSON.stringify(json)) },
    { path: 'weights.bin', bytes: weights },
  ];
}

/** The node's name in a reference to one of its outputs, such as `name:0`, or in a control dependency, `^name`. */
export function nodeName(reference: string): string {
  return reference.replace(/^\^/, '').replace(/:\d+$/, '');
}
