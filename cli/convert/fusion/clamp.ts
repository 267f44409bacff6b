import type { Node } from '../graph/graph-model.ts';
import { scalarConstant } from './channel-constant.ts';
import type { GraphEditor } from './graph-editor.ts';

/** Limits of the values of a tensor. */
interface Clamp {
  input: string;
  low: number;
  high: number;
}

/**
 * Recognises a chain of maxima, minima and ReLUs that clamps values to [0, ∞) or [0, 6].
 *
 * @returns the `Relu` or `Relu6` that replaces its last node.
 */
export function fusedClamp(graph: GraphEditor, { name, op }: Node): Node | undefined {
  let total = clampOf(graph, name);
  for (let next = total; next; next = clampOf(graph, next.input)) {
    // The node before limits the values first.
    const limit = (value: number) => Math.min(Math.max(value, total?.low ?? value), total?.high ?? value);
    total = { input: next.input, low: limit(next.low), high: limit(next.high) };
  }
  if (total?.low !== 0) return undefined;
  const fused = total.high === 6 ? 'Relu6' : total.high === Number.POSITIVE_INFINITY ? 'Relu' : undefined;
  if (!fused || fused === op) return undefined;
  return { name, op: fused, input: [total.input], attr: { T: { type: 'DT_FLOAT' } } };
}

/** The limits that a node applies to one of its inputs. */
function clampOf(graph: GraphEditor, reference: string): Clamp | undefined {
  const node = graph.node(reference);
  if (!node) return undefined;
  const { op, input } = node;
  const [left = '', right = '', ...others] = input;
  if (op === 'Relu') return { input: left, low: 0, high: Number.POSITIVE_INFINITY };
  if (op === 'Relu6') return { input: left, low: 0, high: 6 };
  if ((op !== 'Maximum' && op !== 'Minimum') || others.length > 0) return undefined;
  const [computed, constant] = graph.floats(left) ? [right, left] : [left, right];
  const limit = scalarConstant(graph, constant, computed);
  if (limit === undefined) return undefined;
  return op === 'Maximum'
    ? { input: computed, low: limit, high: Number.POSITIVE_INFINITY }
    : { input: computed, low: Number.NEGATIVE_INFINITY, high: limit };
}
