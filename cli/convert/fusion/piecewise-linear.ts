import type { Attribute, Node } from '../graph/graph-model.ts';
import { channelConstant, perChannel } from './channel-constant.ts';
import type { GraphEditor } from './graph-editor.ts';
import { type TensorShape, tensorShape } from './tensor-shape.ts';

/** A function f(x) = positive · x for x ≥ 0 and negative · x for x < 0, with one slope or one for each channel. */
interface PiecewiseLinear {
  positive: readonly number[];
  negative: readonly number[];
}

/** The tensor that is x. */
interface Base extends TensorShape {
  name: string;
}

/** The maximum number of operators between x and the result. */
const maxDepth = 6;

/** The operators that a spelling can end in. */
const lastOperators = new Set(['Add', 'AddV2', 'Sub', 'Maximum', 'Minimum']);

const float: Attribute = { type: 'DT_FLOAT' };

/**
 * Recognises a node that computes x for x ≥ 0 and a · x for x < 0, in any combination of ReLU, absolute value, negation, maximum, minimum,
 * sum, difference and multiplication by constants.
 *
 * @returns the node that replaces it: `Relu` if a is 0, `LeakyRelu` if a is one number, `Prelu` if each channel has its own.
 */
export function fusedSlopes(graph: GraphEditor, node: Node): Node | undefined {
  if (!lastOperators.has(node.op)) return undefined;
  for (const name of ancestors(graph, node)) {
    const shape = tensorShape(graph, name);
    const result = shape && piecewiseLinear(graph, node.name, { name, ...shape }, maxDepth);
    if (!result?.positive.every(isOne) || result.negative.every(isOne)) continue;
    return activation(graph, node.name, name, result.negative);
  }
}

function isOne(value: number): boolean {
  return Math.abs(value - 1) < 1e-6;
}

function activation(graph: GraphEditor, name: string, base: string, slopes: readonly number[]): Node {
  if (slopes.every((slope) => slope === 0)) return { name, op: 'Relu', input: [base], attr: { T: float } };
  const [alpha = 0] = slopes;
  if (slopes.length === 1) return { name, op: 'LeakyRelu', input: [base], attr: { T: float, alpha: { f: alpha } } };
  const constant = graph.addFloats(`${name}/alpha`, [slopes.length], Float32Array.from(slopes));
  return { name, op: 'Prelu', input: [base, constant], attr: { T: float } };
}

/** The nodes that a node depends on through operators of {@link piecewiseLinear}, nearest first. */
function ancestors(graph: GraphEditor, node: Node): string[] {
  const found = new Set<string>();
  let level = [node];
  for (let depth = 0; depth < maxDepth && level.length > 0; depth++) {
    const inputs = level.filter(({ op }) => Object.hasOwn(rules, op)).flatMap(({ input }) => input);
    level = inputs
      .flatMap((name) => graph.node(name) ?? [])
      .filter(({ name, op }) => op !== 'Const' && !found.has(name));
    for (const { name } of level) found.add(name);
  }
  return [...found];
}

/** The function of x that a node computes; undefined if it is not piecewise linear. */
function piecewiseLinear(
  graph: GraphEditor,
  reference: string | undefined,
  base: Base,
  depth: number,
): PiecewiseLinear | undefined {
  const node = graph.node(reference);
  if (!node || depth < 0) return undefined;
  if (node.name === base.name) return { positive: [1], negative: [1] };
  const rule = Object.hasOwn(rules, node.op) ? rules[node.op] : undefined;
  return rule?.(node.input, {
    linear: (operand) => piecewiseLinear(graph, operand, base, depth - 1),
    constant: (operand) => channelConstant(graph, operand, base),
  });
}

/** The operands of an operator, as functions of x and as constants. */
interface Operands {
  linear(reference: string | undefined): PiecewiseLinear | undefined;
  constant(reference: string | undefined): readonly number[] | undefined;
}

type Rule = (input: readonly string[], operands: Operands) => PiecewiseLinear | undefined;

// For x < 0 a larger slope gives a smaller value, so that the slopes of a maximum are minima there.
const rules: Record<string, Rule> = {
  Relu: unary(
    (slope) => Math.max(slope, 0),
    (slope) => Math.min(slope, 0),
  ),
  Abs: unary(
    (slope) => Math.abs(slope),
    (slope) => -Math.abs(slope),
  ),
  Neg: unary(
    (slope) => -slope,
    (slope) => -slope,
  ),
  Add: binary((a, b) => a + b),
  AddV2: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Maximum: binary(Math.max, Math.min),
  Minimum: binary(Math.min, Math.max),
  Mul([left, right], operands) {
    const [computed, factor] = operands.constant(left) ? [right, left] : [left, right];
    return scaled(operands.linear(computed), operands.constant(factor));
  },
  RealDiv([left, right], operands) {
    return scaled(
      operands.linear(left),
      operands.constant(right)?.map((value) => 1 / value),
    );
  },
};

function unary(positive: (slope: number) => number, negative: (slope: number) => number): Rule {
  return ([input], operands) => {
    const x = operands.linear(input);
    return x && { positive: x.positive.map(positive), negative: x.negative.map(negative) };
  };
}

function binary(positive: (a: number, b: number) => number, negative = positive): Rule {
  return ([left, right, ...others], operands) => {
    const [a, b] = [left, right].map((operand) => operands.linear(operand) ?? zero(operands.constant(operand)));
    if (!a || !b || others.length > 0) return undefined;
    return {
      positive: perChannel(a.positive, b.positive, positive),
      negative: perChannel(a.negative, b.negative, negative),
    };
  };
}

/** The constant 0 as a function of x. */
function zero(values: readonly number[] | undefined): PiecewiseLinear | undefined {
  return values?.every((value) => value === 0) ? { positive: [0], negative: [0] } : undefined;
}

function scaled(x: PiecewiseLinear | undefined, factors: readonly number[] | undefined): PiecewiseLinear | undefined {
  if (!x || !factors) return undefined;
  const times = (a: number, b: number) => a * b;
  return {
    positive: perChannel(x.positive, factors, times),
    negative: perChannel(x.negative, factors, times),
  };
}
