import { damaged } from '../../../errors.ts';
import { usualOrder } from '../graph-writer.ts';
import type { OperatorContext, OperatorConverter } from '../operator-context.ts';
import { broadcastShape, type Computed, elementCount, floats, type Known, type Value } from '../values.ts';

/** An operation on one tensor. */
export function unary(op: string): OperatorConverter {
  return (context) => {
    const x = context.computed();
    return context.op(op, [x.node], x);
  };
}

/** An operation on two tensors or more, with broadcasting. */
export function nary(op: string): OperatorConverter {
  return (context) => context.inputs.reduce((left, right) => combine(context, op, left, right));
}

/** Adds an operation on two tensors, with broadcasting. At least one of them depends on the image. */
export function combine(context: OperatorContext, op: string, left: Value, right: Value): Computed {
  const shape = broadcastShape(left.shape, right.shape);
  if (!shape) throw damaged(`${context.place} combines tensors of the shapes [${left.shape}] and [${right.shape}]`);
  const [a, b] = [aligned(left, shape.length), aligned(right, shape.length)];
  const order = commonOrder(shape, [a, b]);
  const operand = (value: Value, label: string) =>
    value.kind === 'computed'
      ? context.arranged(value, order)
      : context.writer.operand(`${context.name}/${label}`, value, shape.length, order);
  return context.op(op, [operand(a, 'left'), operand(b, 'right')], { shape, order });
}

/** The same tensor with further axes of the size 1 in front. */
function aligned(value: Value, rank: number): Value {
  const missing = rank - value.shape.length;
  const shape = [...new Array<number>(missing).fill(1), ...value.shape];
  if (value.kind === 'known') return { ...value, shape };
  return { ...value, shape, order: value.order.map((axis) => axis + missing) };
}

/** The order of an operand that has all larger axes of the result; otherwise the usual one. */
function commonOrder(shape: readonly number[], values: readonly Value[]): readonly number[] {
  const computed = values.filter((value) => value.kind === 'computed');
  const needed = shape.map((_, axis) => axis).filter((axis) => shape[axis] !== 1);
  const complete = computed
    .map(({ order }) => order)
    .filter((order) => needed.every((axis) => order.includes(axis)))
    .sort((a, b) => b.length - a.length);
  const fits = (order: readonly number[]) =>
    computed.every((value) => value.order.every((axis) => order.includes(axis) || value.shape[axis] === 1));
  return complete.find(fits) ?? usualOrder(shape);
}

/** Converts `Expand`, by which PyTorch's `normalize` repeats the norm, to a product with ones. */
export function convertExpand(context: OperatorContext): Computed {
  const x = context.computed();
  const requested = [...context.known(1).values];
  const shape = broadcastShape(x.shape, requested);
  if (!shape || shape.some((size) => !(Number.isSafeInteger(size) && size > 0))) {
    throw damaged(`${context.place} expands [${x.shape}] to [${requested}], which does not fit`);
  }
  if (shape.length === x.shape.length && shape.every((size, axis) => size === x.shape[axis])) return x;
  context.requireSize(shape);
  const count = elementCount(shape);
  context.claim(count);
  return combine(context, 'Mul', x, floats(new Float32Array(count).fill(1), shape));
}

/** Converts `PRelu`. */
export function convertPrelu(context: OperatorContext): Computed {
  const x = context.computed();
  const slopes = context.known(1);
  const [slope = 0] = slopes.values;
  if (slopes.values.length === 1) return context.op('LeakyRelu', [x.node], x, { alpha: { f: slope } });
  const alpha = aligned(slopes, x.shape.length) as Known;
  // TensorFlow has one slope for each index of the last axis.
  const order = x.shape.length === 4 ? [2, 3, 1] : usualOrder(x.shape);
  const constant = context.writer.operand(`${context.name}/alpha`, alpha, x.shape.length, order);
  return context.op('Prelu', [context.arranged(x, order), constant], { shape: x.shape, order });
}

/** Converts `LeakyRelu`. */
export function convertLeakyRelu(context: OperatorContext): Computed {
  const x = context.computed();
  return context.op('LeakyRelu', [x.node], x, { alpha: { f: context.float('alpha', 0.01) } });
}

/** Converts `Clip`, whose limits are inputs since operator set 11. */
export function convertClip(context: OperatorContext): Computed {
  const limit = (index: number, name: string) =>
    context.has(index) ? (context.known(index).values[0] as number) : context.attribute(name)?.f;
  return clamped(context, context.computed(), limit(1, 'min'), limit(2, 'max'));
}

/** Limits values to a range; an absent limit does not limit. */
export function clamped(context: OperatorContext, x: Computed, low?: number, high?: number): Computed {
  if (low === 0 && high === 6) return context.op('Relu6', [x.node], x);
  const scalar = (value: number, label: string) => context.floats(label, [], [value]);
  let result = x;
  if (low === 0) result = context.op('Relu', [result.node], x);
  else if (low !== undefined && low > -unlimited) {
    result = context.op('Maximum', [result.node, scalar(low, 'min')], x);
  }
  if (high === undefined || high >= unlimited) return result;
  return context.op('Minimum', [result.node, scalar(high, 'max')], x);
}

/** Exporters write limits of this magnitude for none. */
const unlimited = 3e38;

/** Converts `HardSigmoid`: max(0, min(1, alpha · x + beta)). */
export function convertHardSigmoid(context: OperatorContext): Computed {
  const x = context.computed();
  const [alpha, beta] = [context.float('alpha', 0.2), context.float('beta', 0.5)];
  if (Math.abs(alpha * 6 - 1) < 1e-6 && beta === 0.5) {
    // The form that is recognised as a part of the hard swish.
    const shifted = combine(context, 'AddV2', x, floats([3], []));
    const clamp = context.op('Relu6', [shifted.node], x);
    return combine(context, 'Mul', clamp, floats([1 / 6], []));
  }
  const line = combine(context, 'AddV2', combine(context, 'Mul', x, floats([alpha], [])), floats([beta], []));
  return clamped(context, line, 0, 1);
}

/** Converts `Gelu`: x · (1 + erf(x / √2)) / 2, or its approximation by tanh. */
export function convertGelu(context: OperatorContext): Computed {
  const x = context.computed();
  const scaled = (value: Computed, factor: number) => combine(context, 'Mul', value, floats([factor], []));
  const plus = (value: Computed, term: number) => combine(context, 'AddV2', value, floats([term], []));
  if (context.text('approximate', 'none') === 'none') {
    const erf = context.op('Erf', [scaled(x, Math.SQRT1_2).node], x);
    return combine(context, 'Mul', scaled(x, 0.5), plus(erf, 1));
  }
  const cube = combine(context, 'Mul', x, combine(context, 'Mul', x, x));
  const inner = scaled(combine(context, 'AddV2', x, scaled(cube, 0.044715)), Math.sqrt(2 / Math.PI));
  return combine(context, 'Mul', scaled(x, 0.5), plus(context.op('Tanh', [inner.node], x), 1));
}

/** Converts `BatchNormalization` with the statistics of training: a factor and a summand for each channel. */
export function convertBatchNormalization(context: OperatorContext): Computed {
  const x = context.computed();
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((index) => context.known(index).values) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  if (context.int('training_mode', 0) !== 0) throw context.unsupported('training_mode');
  const epsilon = context.float('epsilon', 1e-5);
  const shape = [gamma.length, ...x.shape.slice(2).map(() => 1)];
  const scale = gamma.map((value, i) => value / Math.sqrt((variance[i] as number) + epsilon));
  const shift = beta.map((value, i) => value - (mean[i] as number) * (scale[i] as number));
  const product = combine(context, 'Mul', x, floats(scale, shape));
  return combine(context, 'AddV2', product, floats(shift, shape));
}
