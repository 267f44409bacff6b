import { type GraphNode, nodeName } from '../../graph-model.ts';
import type { Padding, Pair } from './program.ts';
import { noPadding } from './views.ts';

/** What the kernels lack: an operator, or one form of it. */
export interface UnsupportedOperator {
  op: string;
  /** The name of the node. */
  name: string;
  /** Completes the sentence "the operator Conv2D (name) …". */
  problem: string;
}

/** The kernels lack operators of the network, or these forms of them. The network needs another runtime. */
export class UnsupportedOperatorError extends Error {
  override readonly name = 'UnsupportedOperatorError';

  /** @param operators the nodes that cannot be lowered; empty if the error is not that of a node. */
  constructor(
    message: string,
    readonly operators: readonly UnsupportedOperator[] = [],
  ) {
    super(message);
  }
}

/** The error for a node. `problem` completes the sentence "the operator Conv2D (name) …". */
export function unsupported({ op, name }: GraphNode, problem: string): UnsupportedOperatorError {
  return new UnsupportedOperatorError(`the operator ${op} (${name}) ${problem}`, [{ op, name, problem }]);
}

/** The slope below zero of a leaky ReLU, from the attribute of a given name. */
export function leakySlope({ attr }: GraphNode, attribute: string): number {
  // The default of TensorFlow's operator definition.
  return attr?.[attribute]?.f ?? 0.2;
}

/** The name of the node that computes an input. */
export function inputName({ input }: GraphNode, index = 0): string {
  return nodeName(input?.[index] ?? '');
}

/** An attribute that is a list of integers; empty if it is absent. */
export function integerList({ attr }: GraphNode, name: string): number[] {
  return (attr?.[name]?.list?.i ?? []).map(Number);
}

/** An attribute that is a list of strings; empty if it is absent. */
export function stringList({ attr }: GraphNode, name: string): string[] {
  return (attr?.[name]?.list?.s ?? []).map(decodeBase64);
}

/** A boolean attribute; false if it is absent. */
export function flag({ attr }: GraphNode, name: string): boolean {
  return attr?.[name]?.b === true;
}

/** The strides of a convolution or pooling. */
export function stridesOf(node: GraphNode): Pair {
  const [, vertical = 1, horizontal = 1] = integerList(node, 'strides');
  return [vertical, horizontal];
}

/**
 * The padding of a convolution or pooling: none for `VALID`. For `SAME`, TensorFlow pads so that the output has
 * ⌈size / stride⌉ rows and columns; an odd row or column goes at the end.
 */
export function paddingFor(node: GraphNode, [height, width]: Pair, window: Pair, strides: Pair): Padding {
  const mode = decodeBase64(node.attr?.padding?.s);
  if (decodeBase64(node.attr?.data_format?.s) === 'NCHW') throw unsupported(node, 'has the data format NCHW');
  if (mode === 'VALID') return noPadding;
  if (mode !== 'SAME') throw unsupported(node, `has the padding ${mode}`);
  const vertical = totalPadding(height, window[0], strides[0]);
  const horizontal = totalPadding(width, window[1], strides[1]);
  const top = Math.floor(vertical / 2);
  const left = Math.floor(horizontal / 2);
  return { top, left, bottom: vertical - top, right: horizontal - left };
}

/** The number of windows in a padded size. */
export function outputSize(paddedSize: number, window: number, stride: number): number {
  return Math.floor((paddedSize - window) / stride) + 1;
}

function totalPadding(size: number, window: number, stride: number): number {
  return Math.max(0, (Math.ceil(size / stride) - 1) * stride + window - size);
}

function decodeBase64(text: string | undefined): string {
  return atob(text ?? '');
}
