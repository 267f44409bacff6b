import { type Node, nodeName } from '../graph/graph-model.ts';
import { scalarConstant } from './channel-constant.ts';
import type { GraphEditor } from './graph-editor.ts';

/** A product: its computed factors, and the product of its constant ones. */
interface Product {
  factors: string[];
  constant: number;
}

/**
 * Recognises x · sigmoid(x), and x · relu6(x + 3) / 6 with the division anywhere in the product.
 *
 * @returns the `Swish` or `HardSwish` that replaces the last node of the product.
 */
export function fusedSwish(graph: GraphEditor, node: Node): Node | undefined {
  const { factors, constant } = productOf(graph, node) ?? { factors: [], constant: 1 };
  const [left, right, ...others] = factors;
  if (left === undefined || right === undefined || others.length > 0) return undefined;
  for (const [x, gate] of [
    [left, right],
    [right, left],
  ] as const) {
    const replacement = (op: string): Node => ({ name: node.name, op, input: [x], attr: { T: { type: 'DT_FLOAT' } } });
    if (isNear(constant, 1) && isSigmoidOf(graph, gate, x)) return replacement('Swish');
    if (isNear(constant * 6, 1) && isShiftedRelu6Of(graph, gate, x)) return replacement('HardSwish');
  }
}

/** Whether two numbers are equal up to the rounding of float32. */
function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) < 1e-6;
}

/** The factors of the product that a node computes. */
function productOf(graph: GraphEditor, { op, input }: Node): Product | undefined {
  const [left = '', right = '', ...others] = input;
  if ((op !== 'Mul' && op !== 'RealDiv') || others.length > 0) return undefined;
  const divisor = scalarConstant(graph, right, left);
  if (divisor !== undefined) return scaled(factorsOf(graph, left), op === 'Mul' ? divisor : 1 / divisor);
  if (op === 'RealDiv') return undefined;
  const factor = scalarConstant(graph, left, right);
  if (factor !== undefined) return scaled(factorsOf(graph, right), factor);
  const [a, b] = [factorsOf(graph, left), factorsOf(graph, right)];
  return { factors: [...a.factors, ...b.factors], constant: a.constant * b.constant };
}

/** The factors of an operand. A product that other nodes read too, as x can be, is one factor. */
function factorsOf(graph: GraphEditor, reference: string): Product {
  const name = nodeName(reference);
  const node = graph.node(name);
  const product = node && graph.hasOneReader(name) ? productOf(graph, node) : undefined;
  return product ?? { factors: [name], constant: 1 };
}

function scaled({ factors, constant }: Product, factor: number): Product {
  return { factors, constant: constant * factor };
}

function isSigmoidOf(graph: GraphEditor, gate: string, x: string): boolean {
  const node = graph.node(gate);
  return node?.op === 'Sigmoid' && nodeName(node.input[0] ?? '') === x;
}

function isShiftedRelu6Of(graph: GraphEditor, gate: string, x: string): boolean {
  const clamp = graph.node(gate);
  const sum = clamp?.op === 'Relu6' ? graph.node(clamp.input[0]) : undefined;
  if (sum?.op !== 'AddV2' && sum?.op !== 'Add') return false;
  const [left = '', right = ''] = sum.input;
  return (
    (nodeName(left) === x && scalarConstant(graph, right, left) === 3) ||
    (nodeName(right) === x && scalarConstant(graph, left, right) === 3)
  );
}
