import { damaged } from '../../../errors.ts';
import type { OperatorContext } from '../operator-context.ts';
import { knownType } from '../tensor-values.ts';
import { broadcastShape, broadcastTo, elementCount, type Known } from '../values.ts';
import type { Fold } from './fold-known.ts';

/** Functions of one value. */
const unary: Record<string, (x: number) => number> = {
  Abs: Math.abs,
  Ceil: Math.ceil,
  Cos: Math.cos,
  Exp: Math.exp,
  Floor: Math.floor,
  Log: Math.log,
  Neg: (x) => -x,
  Not: (x) => (x ? 0 : 1),
  Reciprocal: (x) => 1 / x,
  Relu: (x) => Math.max(x, 0),
  Round: Math.round,
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Sin: Math.sin,
  Sqrt: Math.sqrt,
  Tanh: Math.tanh,
};

/** Functions of two values. */
const binary: Record<string, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Mod: (a, b) => a - b * Math.floor(a / b),
  Pow: (a, b) => a ** b,
  Min: Math.min,
  Max: Math.max,
  Sum: (a, b) => a + b,
};

/** Comparisons, whose result is boolean. */
const comparisons: Record<string, (a: number, b: number) => boolean> = {
  Equal: (a, b) => a === b,
  Greater: (a, b) => a > b,
  GreaterOrEqual: (a, b) => a >= b,
  Less: (a, b) => a < b,
  LessOrEqual: (a, b) => a <= b,
  And: (a, b) => Boolean(a && b),
  Or: (a, b) => Boolean(a || b),
};

/** The operators on known values that compute element by element. */
export const elementwiseFolds: Record<string, Fold> = {
  ...mapped(unary, (apply) => (context, [x]) => {
    const { shape, type, values } = x as Known;
    context.claim(values.length);
    return { kind: 'known', shape, type, values: values.map(apply) };
  }),
  ...mapped(binary, (apply, op) => (context, [first, ...others]) => {
    const combine = (left: Known, right: Known) => {
      const isInteger = op === 'Div' && left.type === 'integer';
      return combined(context, left, right, isInteger ? (a, b) => Math.trunc(a / b) : apply);
    };
    return others.reduce(combine, first as Known);
  }),
  ...mapped(comparisons, (apply) => (context, [left, right]) => ({
    ...combined(context, left as Known, right as Known, (a, b) => Number(apply(a, b))),
    type: 'boolean',
  })),
  Cast(context, [x]) {
    const { shape, values } = x as Known;
    const type = knownType(context.int('to', 1));
    if (type === 'float') return { kind: 'known', shape, type, values: Float32Array.from(values) };
    const convert = type === 'boolean' ? (value: number) => Number(value !== 0) : Math.trunc;
    return { kind: 'known', shape, type, values: Float64Array.from(values, convert) };
  },
  Where(context, [condition, left, right]) {
    const [chosen, a, b] = [condition, left, right] as [Known, Known, Known];
    const shape = [chosen, a, b].reduce<readonly number[]>((size, each) => commonShape(context, size, each.shape), []);
    context.claim(elementCount(shape));
    const [mask, otherwise] = [broadcastTo(chosen, shape), broadcastTo(b, shape)];
    const values = broadcastTo(a, shape).map((value, i) => (mask[i] ? value : (otherwise[i] as number)));
    return { kind: 'known', shape, type: a.type, values };
  },
  Identity: (_, [x]) => x as Known,
  Dropout: (_, [x]) => x as Known,
  Constant(context) {
    const { node } = context;
    const tensor = node.attributes.get('value')?.t;
    if (tensor) return context.tensor(tensor);
    const [ints, floats] = [context.ints('value_ints'), node.attributes.get('value_floats')?.floats ?? []];
    if (node.attributes.has('value_int')) return known('integer', [], [context.int('value_int', 0)]);
    if (node.attributes.has('value_float')) return known('float', [], [context.float('value_float', 0)]);
    if (node.attributes.has('value_ints')) return known('integer', [ints.length], ints);
    if (node.attributes.has('value_floats')) return known('float', [floats.length], floats);
    throw damaged(`${context.place} has no value`);
  },
  DequantizeLinear: (context, [x, scale, zero]) => dequantized(context, x as Known, scale as Known, zero),
};

/**
 * (x − zero) · scale, with one scale or one for each index of an axis.
 *
 * @param axis the axis. Default: that of the operator.
 */
export function dequantized(
  context: OperatorContext,
  x: Known,
  scale: Known,
  zero: Known | undefined,
  axis = context.int('axis', 1),
): Known {
  const { shape } = x;
  const count = scale.values.length;
  const counted = count === 1 ? 0 : context.axis(axis, shape.length);
  if (count !== 1 && shape[counted] !== count) throw context.unsupported('scales for blocks of values');
  const inner = elementCount(shape.slice(counted + 1));
  context.claim(x.values.length);
  const values = Float32Array.from(x.values, (value, i) => {
    const channel = count === 1 ? 0 : Math.floor(i / inner) % count;
    return (value - (zero?.values[zero.values.length === 1 ? 0 : channel] ?? 0)) * (scale.values[channel] as number);
  });
  return { kind: 'known', shape, type: 'float', values };
}

function mapped<T>(functions: Record<string, T>, fold: (apply: T, op: string) => Fold): Record<string, Fold> {
  return Object.fromEntries(Object.entries(functions).map(([op, apply]) => [op, fold(apply, op)]));
}

function combined(context: OperatorContext, left: Known, right: Known, apply: (a: number, b: number) => number): Known {
  const shape = commonShape(context, left.shape, right.shape);
  context.claim(elementCount(shape));
  const [a, b] = [broadcastTo(left, shape), broadcastTo(right, shape)];
  const values = a.map((value, i) => apply(value, b[i] as number));
  return { kind: 'known', shape, type: left.type, values };
}

function commonShape(context: OperatorContext, left: readonly number[], right: readonly number[]): readonly number[] {
  const shape = broadcastShape(left, right);
  if (shape) return shape;
  throw damaged(`${context.place} combines tensors of the shapes [${left}] and [${right}]`);
}

function known(type: 'integer' | 'float', shape: readonly number[], values: readonly number[]): Known {
  const array = type === 'float' ? Float32Array.from(values) : Float64Array.from(values);
  return { kind: 'known', shape, type, values: array };
}
