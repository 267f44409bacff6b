// The intermediate representation: what a graph model is lowered to, and what steps.ts turns into kernel calls. All
// sizes are those of one image; at run time every tensor holds a batch.

import type { Constant } from '../../constant.ts';
import type { HostFunction } from './host-functions.ts';

/** A tensor in linear memory, NHWC. */
export interface Tensor {
  height: number;
  width: number;
  channels: number;
  /** Floats per pixel: the channels, rounded up to whole vectors unless the tensor is contiguous. */
  floatsPerPixel: number;
  /** Whether the values lie without gaps, as required by a reshape, an output and host functions. */
  contiguous: boolean;
  /** The zeros stored around it, for operations that read beyond its edges. */
  padding: Padding;
}

/** Rows above and below a tensor, columns to the left and right. */
export interface Padding {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/**
 * A tensor as an operation reads it: with some of its padding, and zeros for channels that it lacks. Costs nothing at
 * run time.
 */
export interface View extends Padding {
  tensor: Tensor;
  /** Height, width and channels of what is read, or the shape after a Reshape. */
  shape: number[];
}

/** The activation at the end of an operation: negative values times `slopes`, then clamping to [low, high]. */
export interface Activation {
  low: number;
  high: number;
  /** PReLU: the slope below zero for each channel. */
  slopes?: Float32Array;
}

/** [vertical, horizontal] */
export type Pair = [number, number];

/** The operands of a convolution. */
interface FilterOperation {
  input: View;
  /** Shape: height, width, inputs, outputs. */
  filter: Constant;
  bias: Float32Array | undefined;
  strides: Pair;
  activation: Activation;
  output: Tensor;
}

/** Dense convolution; `residual` is added before the activation. */
export interface Convolution extends FilterOperation {
  kind: 'convolution';
  residual: View | undefined;
}

/** Depthwise convolution with a multiplier of 1. */
export interface Depthwise extends FilterOperation {
  kind: 'depthwise';
}

/** Sum of two tensors, or a copy of one; then the activation. */
export interface Sum {
  kind: 'sum';
  left: View;
  right: View | undefined;
  activation: Activation;
  output: Tensor;
}

/** Product of two tensors; then the activation. The right one may have one pixel, which is repeated. */
export interface Product {
  kind: 'product';
  left: View;
  right: View;
  activation: Activation;
  output: Tensor;
}

/** Maximum or mean of windows. Positions outside the input do not count. */
export interface Pool {
  kind: 'pool';
  input: View;
  operator: 'max' | 'mean';
  window: Pair;
  strides: Pair;
  /** Rows of the first window above the input, and columns to its left. */
  top: number;
  left: number;
  output: Tensor;
}

/** Bilinear resizing, with the attributes of TensorFlow's ResizeBilinear. */
export interface Resize {
  kind: 'resize';
  input: View;
  alignCorners: boolean;
  halfPixels: boolean;
  output: Tensor;
}

/** An operation in JavaScript, on contiguous tensors: for operators that are rare and small. */
export interface HostOperation {
  kind: 'host';
  inputs: View[];
  compute: HostFunction;
  output: Tensor;
}

/** A step of a program. */
export type Operation = Convolution | Depthwise | Sum | Product | Pool | Resize | HostOperation;

/** A lowered network: operations in the order in which they run. */
export interface Program {
  input: Tensor;
  operations: Operation[];
  outputs: Tensor[];
}
