import { type Node, nodeName } from '../graph/graph-model.ts';
import type { GraphEditor } from './graph-editor.ts';
import { tensorShape } from './tensor-shape.ts';

/**
 * Recognises exp(x) / Σ exp(x) and exp(x − max x) / Σ exp(x − max x), with the sum and the maximum along the last axis.
 *
 * @returns the `Softmax` that replaces the division.
 */
export function fusedSoftmax(graph: GraphEditor, { name, op, input }: Node): Node | undefined {
  const [numerator, divisor, ...others] = input;
  const exponentials = graph.node(numerator);
  if (op !== 'RealDiv' || exponentials?.op !== 'Exp' || others.length > 0) return undefined;
  const exponent = nodeName(exponentials.input[0] ?? '');
  const logits = unshifted(graph, exponent) ?? exponent;
  const rank = tensorShape(graph, logits)?.rank;
  if (!isReduction(graph, divisor, { op: 'Sum', of: exponentials.name, rank })) return undefined;
  return { name, op: 'Softmax', input: [logits], attr: { T: { type: 'DT_FLOAT' } } };
}

/** The name of x, if the node computes x − max x. */
function unshifted(graph: GraphEditor, reference: string): string | undefined {
  const { op, input: [x = '', max] = [] } = graph.node(reference) ?? {};
  const rank = tensorShape(graph, x)?.rank;
  return op === 'Sub' && isReduction(graph, max, { op: 'Max', of: nodeName(x), rank }) ? nodeName(x) : undefined;
}

/** Whether a node reduces another along its last axis, and keeps that axis. */
function isReduction(
  graph: GraphEditor,
  reference: string | undefined,
  { op, of, rank }: { op: 'Sum' | 'Max'; of: string; rank: number | undefined },
): boolean {
  const node = graph.node(reference);
  const [input = '', axes] = node?.input ?? [];
  const { keep_dims: keepsAxes } = (node?.attr ?? {}) as { keep_dims?: { b?: boolean } };
  if (node?.op !== op || nodeName(input) !== of || !keepsAxes?.b) return false;
  const [axis, ...others] = graph.integers(axes) ?? [];
  return others.length === 0 && axis !== undefined && (axis === -1 || axis + 1 === rank);
}
