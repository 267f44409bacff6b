import { damaged } from '../../../errors.ts';
import { usualOrder } from '../graph-writer.ts';
import type { OperatorContext } from '../operator-context.ts';
import {
  type AxisRange,
  reshapeTarget,
  sliceRanges,
  splitSizes,
  squeezedShape,
  transposeAxes,
  unsqueezedShape,
} from '../shapes.ts';
import { type Computed, elementCount, type Value } from '../values.ts';

/** Converts `Reshape`. */
export function convertReshape(context: OperatorContext): Computed {
  const x = context.computed();
  return context.reshape(x, reshapeTarget(context, x.shape));
}

/** Converts `Flatten` to two axes. */
export function convertFlatten(context: OperatorContext): Computed {
  const x = context.computed();
  const axis = context.axis(context.int('axis', 1), x.shape.length + 1);
  return context.reshape(x, [elementCount(x.shape.slice(0, axis)), elementCount(x.shape.slice(axis))]);
}

/** Converts `Squeeze`. */
export function convertSqueeze(context: OperatorContext): Computed {
  const x = context.computed();
  return context.reshape(x, squeezedShape(context, x.shape));
}

/** Converts `Unsqueeze`. */
export function convertUnsqueeze(context: OperatorContext): Computed {
  const x = context.computed();
  return context.reshape(x, unsqueezedShape(context, x.shape));
}

/** Converts `Transpose`, which moves no values: they are rearranged when an operator needs another order. */
export function convertTranspose(context: OperatorContext): Computed {
  const { node, shape, order } = context.computed();
  const axes = transposeAxes(context, shape.length);
  return {
    kind: 'computed',
    node,
    shape: axes.map((axis) => shape[axis] as number),
    order: order.map((axis) => axes.indexOf(axis)),
  };
}

/** Converts `Concat`. */
export function convertConcat(context: OperatorContext): Computed {
  const { inputs } = context;
  const computed = inputs.filter((value) => value.kind === 'computed');
  const [first] = computed as [Computed, ...Computed[]];
  const axis = context.axis(context.int('axis', 0), first.shape.length);
  const fits = ({ shape }: Value) =>
    shape.length === first.shape.length && shape.every((size, i) => i === axis || size === first.shape[i]);
  if (!inputs.every(fits)) throw damaged(`${context.place} joins tensors whose shapes do not fit`);
  const shape = [...first.shape];
  shape[axis] = inputs.reduce((sum, value) => sum + (value.shape[axis] as number), 0);
  const order = concatenationOrder(shape, axis, computed);
  const nodes = inputs.map((value, i) =>
    value.kind === 'computed'
      ? context.arranged(value, order)
      : context.writer.operand(`${context.name}/part${i}`, value, shape.length, order),
  );
  const position = context.integers('axis', [], [order.indexOf(axis) + 1]);
  return context.op('ConcatV2', [...nodes, position], { shape, order }, { N: { i: String(nodes.length) } });
}

/** The order of the first tensor that has the axis; otherwise the usual one. */
function concatenationOrder(shape: readonly number[], axis: number, values: readonly Computed[]): readonly number[] {
  const needed = shape.map((_, i) => i).filter((i) => i === axis || shape[i] !== 1);
  const found = values.find(({ order }) => needed.every((i) => order.includes(i)));
  if (found) return found.order;
  const usual = usualOrder(shape);
  return usual.includes(axis) ? usual : shape.map((_, i) => i);
}

/** Converts `Slice`. */
export function convertSlice(context: OperatorContext): Computed {
  const x = context.computed();
  return part(context, x, sliceRanges(context, x.shape));
}

/** Converts `Split` to one slice for each part. */
export function convertSplit(context: OperatorContext): Computed[] {
  const x = context.computed();
  const { axis, sizes } = splitSizes(context, x.shape);
  let start = 0;
  return sizes.map((size) => {
    const ranges = x.shape.map((whole, i) =>
      i === axis ? { start, step: 1, size } : { start: 0, step: 1, size: whole },
    );
    start += size;
    return part(context, x, ranges);
  });
}

/** Converts `Gather` with one constant index, or with evenly spaced ones. */
export function convertGather(context: OperatorContext): Computed {
  const x = context.computed();
  const axis = context.axis(context.int('axis', 0), x.shape.length);
  const { shape: indexShape, values } = context.known(1);
  const rows = [...values].map((index) => context.axis(index, x.shape[axis] as number));
  const [start = 0, second = start + 1] = rows;
  const step = second - start;
  if (step === 0 || rows.some((row, i) => row !== start + i * step)) {
    throw context.unsupported('indices that are not evenly spaced');
  }
  const ranges = x.shape.map((size, i) =>
    i === axis ? { start, step, size: rows.length } : { start: 0, step: 1, size },
  );
  const picked = part(context, x, ranges);
  return context.reshape(picked, [...x.shape.slice(0, axis), ...indexShape, ...x.shape.slice(axis + 1)]);
}

/** The part of a tensor along each axis. */
function part(context: OperatorContext, x: Computed, ranges: readonly AxisRange[]): Computed {
  const shape = ranges.map(({ size }) => size);
  if (shape.includes(0)) throw context.unsupported('an empty result');
  const isWhole = ({ start, step, size }: AxisRange, axis: number) =>
    start === 0 && step === 1 && size === x.shape[axis];
  if (ranges.every(isWhole)) return x;
  const present = x.order.map((axis) => ranges[axis] as AxisRange);
  const rank = present.length + 1;
  const begin = [0, ...present.map(({ start }) => start)];
  if (present.every(({ step }) => step === 1)) {
    // −1 keeps the whole batch.
    const size = [-1, ...present.map((range) => range.size)];
    const constants = [context.integers('begin', [rank], begin), context.integers('size', [rank], size)];
    return context.op('Slice', [x.node, ...constants], { shape, order: x.order });
  }
  return strided(context, x, present, shape);
}

function strided(
  context: OperatorContext,
  { node, order }: Computed,
  present: readonly AxisRange[],
  shape: readonly number[],
): Computed {
  if (present.some(({ step }) => step < 0)) throw context.unsupported('a negative step');
  const vector = (label: string, batch: number, values: number[]) =>
    context.integers(label, [values.length + 1], [batch, ...values]);
  const constants = [
    vector(
      'begin',
      0,
      present.map(({ start }) => start),
    ),
    vector(
      'end',
      0,
      present.map(({ start, step, size }) => start + step * (size - 1) + 1),
    ),
    vector(
      'strides',
      1,
      present.map(({ step }) => step),
    ),
  ];
  const mask = (bits: number) => ({ i: String(bits) });
  return context.op(
    'StridedSlice',
    [node, ...constants],
    { shape, order },
    {
      begin_mask: mask(1),
      end_mask: mask(1),
      ellipsis_mask: mask(0),
      new_axis_mask: mask(0),
      shrink_axis_mask: mask(0),
    },
  );
}
