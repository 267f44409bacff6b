import type { GraphEditor } from './graph-editor.ts';
import { type TensorShape, tensorShape } from './tensor-shape.ts';

/**
 * A constant operand with one value, or with one value for each channel of a tensor. Includes the negative of a constant.
 *
 * @returns one value, or one per channel; undefined if the operand is not constant, or has another shape.
 */
export function channelConstant(
  graph: GraphEditor,
  reference: string | undefined,
  { rank, channels }: TensorShape,
): readonly number[] | undefined {
  const node = graph.node(reference);
  if (node?.op === 'Neg') {
    return channelConstant(graph, node.input[0], { rank, channels })?.map((value) => -value);
  }
  const constant = graph.floats(reference);
  if (!constant || constant.shape.length > rank) return undefined;
  const { shape, values } = constant;
  const isVector = values.length === shape.at(-1) && values.length === channels;
  return values.length === 1 || isVector ? [...values] : undefined;
}

/** A constant operand with one value, which does not add axes to the other operand. */
export function scalarConstant(graph: GraphEditor, reference: string, other: string): number | undefined {
  const constant = graph.floats(reference);
  if (constant?.values.length !== 1) return undefined;
  const { rank } = tensorShape(graph, other) ?? { rank: 1 };
  return constant.shape.length <= rank ? constant.values[0] : undefined;
}

/** Applies a function to pairs of values; a list of one value applies to all channels. */
export function perChannel(
  left: readonly number[],
  right: readonly number[],
  apply: (left: number, right: number) => number,
): number[] {
  const length = Math.max(left.length, right.length);
  const at = (values: readonly number[], i: number) => values[values.length === 1 ? 0 : i] as number;
  return Array.from({ length }, (_, i) => apply(at(left, i), at(right, i)));
}
