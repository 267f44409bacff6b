import type { Constant } from '../../../lib/runtime/constant.ts';
import type { Padding, Pair } from '../../../lib/runtime/kernels/lowering/program.ts';

/** An operator, with everything that a model file of another runtime states about it. */
export type PortableOperator =
  | {
      kind: 'convolution' | 'depthwise';
      filter: Constant;
      bias: Float32Array;
      strides: Pair;
      padding: Padding;
      relu: boolean;
    }
  | { kind: 'pool'; largest: boolean; window: Pair; strides: Pair; padding: Padding }
  | { kind: 'add'; relu: boolean }
  | { kind: 'prelu'; slopes: Float32Array }
  | { kind: 'pad'; before: number[]; after: number[] }
  | { kind: 'matmul'; matrix: Constant }
  | { kind: 'resize'; alignCorners: boolean; halfPixels: boolean }
  | { kind: 'depthToSpace'; block: number }
  | { kind: 'concat'; axis: number }
  | { kind: 'mean' | 'reshape' | 'sigmoid' | 'relu' };

/** A node: an operator with the names of its inputs, and the shape of its output for one image, without the batch. */
export interface PortableNode {
  name: string;
  inputs: string[];
  shape: number[];
  operator: PortableOperator;
}

/** A network as the common part of the model formats: NHWC, a ReLU fused into the operator before it. */
export interface PortableGraph {
  input: { name: string; shape: number[] };
  nodes: PortableNode[];
  /** The outputs by the names that the manifest has, and the nodes that compute them. */
  outputs: { name: string; node: string }[];
}
