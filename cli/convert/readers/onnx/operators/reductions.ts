import type { OperatorContext, OperatorConverter } from '../operator-context.ts';
import { type Computed, elementCount, floats } from '../values.ts';
import { combine } from './elementwise.ts';

/** A reduction along axes; by default along all but that of the batch. */
export function reduction(op: 'Mean' | 'Sum' | 'Max' | 'Min'): OperatorConverter {
  return (context) => reduced(context, op, context.computed());
}

/** Converts `ReduceL2`: the square root of the sum of squares. */
export function convertReduceL2(context: OperatorContext): Computed {
  const x = context.computed();
  const sum = reduced(context, 'Sum', context.op('Square', [x.node], x));
  return context.op('Sqrt', [sum.node], sum);
}

/** Converts `LpNormalization` with the Euclidean norm. */
export function convertLpNormalization(context: OperatorContext): Computed {
  if (context.int('p', 2) !== 2) throw context.unsupported('the norm L1');
  const x = context.computed();
  const axis = context.axis(context.int('axis', -1), x.shape.length);
  const sum = along(context, 'Sum', context.op('Square', [x.node], x), [axis], true);
  const norm = context.op('Sqrt', [sum.node], sum);
  return combine(context, 'RealDiv', x, norm);
}

function reduced(context: OperatorContext, op: string, x: Computed): Computed {
  const given = context.integersOf(1, 'axes');
  if (given?.length === 0 && context.int('noop_with_empty_axes', 0) === 1) return x;
  const all = x.shape.map((_, axis) => axis);
  const axes = given?.length ? given.map((axis) => context.axis(axis, x.shape.length)) : all;
  return along(context, op, x, axes, context.int('keepdims', 1) === 1);
}

/** A reduction along axes. Axes of the size 1 need none. */
function along(context: OperatorContext, op: string, x: Computed, axes: readonly number[], keeps: boolean): Computed {
  const positions = x.order.flatMap((axis, i) => (axes.includes(axis) ? [i + 1] : []));
  const shape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const constant = context.integers('axes', [positions.length], positions);
  const result =
    positions.length > 0
      ? context.op(op, [x.node, constant], { shape, order: x.order }, { keep_dims: { b: true } })
      : x;
  return keeps
    ? result
    : context.reshape(
        result,
        shape.filter((_, axis) => !axes.includes(axis)),
      );
}

/** Converts `Softmax`. Before operator set 13 it runs over all axes from the given one on. */
export function convertSoftmax(context: OperatorContext): Computed {
  const x = context.computed();
  const isLegacy = context.opset < 13;
  const axis = context.axis(context.int('axis', isLegacy ? 1 : -1), x.shape.length);
  if (isLegacy && elementCount(x.shape.slice(axis)) !== (x.shape[axis] as number)) {
    const rows = context.reshape(x, [elementCount(x.shape.slice(0, axis)), elementCount(x.shape.slice(axis))]);
    return context.reshape(softmaxAlong(context, rows, 1), x.shape);
  }
  return softmaxAlong(context, x, axis);
}

/** TensorFlow's softmax runs along the last axis. */
function softmaxAlong(context: OperatorContext, x: Computed, axis: number): Computed {
  const order = [...x.order.filter((other) => other !== axis), axis];
  return context.op('Softmax', [context.arranged(x, order)], { shape: x.shape, order });
}

/** Converts `LayerNormalization` along the last axes. */
export function convertLayerNormalization(context: OperatorContext): Computed {
  const x = context.computed();
  const first = context.axis(context.int('axis', -1), x.shape.length);
  const axes = x.shape.map((_, axis) => axis).slice(first);
  const centred = combine(context, 'Sub', x, along(context, 'Mean', x, axes, true));
  const variance = along(context, 'Mean', context.op('Square', [centred.node], centred), axes, true);
  const shifted = combine(context, 'AddV2', variance, floats([context.float('epsilon', 1e-5)], []));
  const factor = context.op('Rsqrt', [shifted.node], shifted);
  const scaled = combine(context, 'Mul', combine(context, 'Mul', centred, factor), context.known(1));
  return context.has(2) ? combine(context, 'AddV2', scaled, context.known(2)) : scaled;
}
