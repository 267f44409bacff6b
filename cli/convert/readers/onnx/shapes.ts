import { damaged } from '../../errors.ts';
import type { OperatorContext } from './operator-context.ts';
import { elementCount } from './values.ts';

/** A part of an axis: `size` elements from `start` on, `step` apart. */
export interface AxisRange {
  start: number;
  step: number;
  size: number;
}

/** The shape that a `Reshape` gives a tensor. 0 keeps a size, −1 stands for the rest. */
export function reshapeTarget(context: OperatorContext, shape: readonly number[]): number[] {
  const requested = context.integersOf(1, 'shape') ?? [];
  const keepsZero = context.int('allowzero', 0) === 1;
  const target = requested.map((size, axis) => (size === 0 && !keepsZero ? (shape[axis] ?? 0) : size));
  const others = elementCount(target.filter((size) => size !== -1));
  const resolved = target.map((size) => (size === -1 ? elementCount(shape) / others : size));
  const isPossible = resolved.every((size) => Number.isInteger(size) && size >= 0);
  if (isPossible && elementCount(resolved) === elementCount(shape)) return resolved;
  throw damaged(`${context.place} reshapes [${shape}] to [${requested}], which has another number of values`);
}

/** The shape without some axes of the size 1; by default without all of them. */
export function squeezedShape(context: OperatorContext, shape: readonly number[]): number[] {
  const axes = context.integersOf(1, 'axes')?.map((axis) => context.axis(axis, shape.length));
  const dropped = axes ?? shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
  if (dropped.some((axis) => shape[axis] !== 1)) {
    throw damaged(`${context.place} removes the axes ${dropped} of [${shape}], which do not all have the size 1`);
  }
  return shape.filter((_, axis) => !dropped.includes(axis));
}

/** The shape with further axes of the size 1. */
export function unsqueezedShape(context: OperatorContext, shape: readonly number[]): number[] {
  const given = context.integersOf(1, 'axes') ?? [];
  const rank = shape.length + given.length;
  const axes = new Set(given.map((axis) => context.axis(axis, rank)));
  const sizes = [...shape];
  return Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : (sizes.shift() as number)));
}

/** The axes of a `Transpose`. */
export function transposeAxes(context: OperatorContext, rank: number): number[] {
  const reversed = Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const axes = context.ints('perm', reversed).map((axis) => context.axis(axis, rank));
  if (axes.length === rank && new Set(axes).size === rank) return axes;
  throw damaged(`${context.place} has the impossible axes [${axes}]`);
}

/** The part of each axis that a `Slice` keeps. */
export function sliceRanges(context: OperatorContext, shape: readonly number[]): AxisRange[] {
  const starts = context.integersOf(1, 'starts') ?? [];
  const ends = context.integersOf(2, 'ends') ?? [];
  const axes = context.integersOf(3, 'axes') ?? starts.map((_, axis) => axis);
  const steps = context.integersOf(4, 'steps') ?? [];
  const ranges = shape.map((size): AxisRange => ({ start: 0, step: 1, size }));
  axes.forEach((given, i) => {
    const axis = context.axis(given, shape.length);
    const [size, step] = [shape[axis] as number, steps[i] ?? 1];
    if (step === 0) throw damaged(`${context.place} has a step of 0`);
    const limit = (index: number, low: number, high: number) =>
      Math.min(Math.max(index < 0 ? index + size : index, low), high);
    const start = step > 0 ? limit(starts[i] ?? 0, 0, size) : limit(starts[i] ?? 0, 0, size - 1);
    const end = step > 0 ? limit(ends[i] ?? size, 0, size) : limit(ends[i] ?? 0, -1, size - 1);
    ranges[axis] = { start, step, size: Math.max(0, Math.ceil((end - start) / step)) };
  });
  return ranges;
}

/** The axis of a `Split`, and the size of each part along it. */
export function splitSizes(context: OperatorContext, shape: readonly number[]): { axis: number; sizes: number[] } {
  const axis = context.axis(context.int('axis', 0), shape.length);
  const whole = shape[axis] as number;
  const parts = context.node.outputs.length;
  const each = Math.ceil(whole / parts);
  const equal = Array.from({ length: parts }, (_, i) => Math.max(0, Math.min(each, whole - i * each)));
  const sizes = context.integersOf(1, 'split') ?? equal;
  if (sizes.length === parts && sizes.reduce((a, b) => a + b, 0) === whole) return { axis, sizes };
  throw damaged(`${context.place} splits the size ${whole} into [${sizes}]`);
}
