import { damaged } from '../../../errors.ts';
import type { OperatorContext } from '../operator-context.ts';
import { reshapeTarget, sliceRanges, splitSizes, squeezedShape, transposeAxes, unsqueezedShape } from '../shapes.ts';
import {
  broadcastShape,
  broadcastTo,
  elementCount,
  floats,
  gathered,
  integers,
  type Known,
  stridesOf,
  transposed,
} from '../values.ts';
import type { Fold } from './fold-known.ts';

/** The operators on known values that move, repeat, reduce or create them. */
export const movementFolds: Record<string, Fold> = {
  Reshape: (context, [x]) => ({ ...(x as Known), shape: reshapeTarget(context, (x as Known).shape) }),
  Flatten(context, [x]) {
    const { shape } = x as Known;
    const axis = context.axis(context.int('axis', 1), shape.length + 1);
    return { ...(x as Known), shape: [elementCount(shape.slice(0, axis)), elementCount(shape.slice(axis))] };
  },
  Squeeze: (context, [x]) => ({ ...(x as Known), shape: squeezedShape(context, (x as Known).shape) }),
  Unsqueeze: (context, [x]) => ({ ...(x as Known), shape: unsqueezedShape(context, (x as Known).shape) }),
  Transpose(context, [x]) {
    const { shape, type, values } = x as Known;
    const axes = transposeAxes(context, shape.length);
    context.claim(values.length);
    return {
      kind: 'known',
      shape: axes.map((axis) => shape[axis] as number),
      type,
      values: transposed(values, shape, axes),
    };
  },
  Concat(context, inputs) {
    const [first] = inputs as [Known];
    const axis = context.axis(context.int('axis', 0), first.shape.length);
    return inputs.reduce((left, right) => joined(context, left, right, axis));
  },
  Gather(context, [x, indices]) {
    const { shape, type, values } = x as Known;
    const axis = context.axis(context.int('axis', 0), shape.length);
    const picked = indices as Known;
    const size = shape[axis] as number;
    const rows = [...picked.values].map((index) => context.axis(index, size));
    const result = [...shape.slice(0, axis), ...picked.shape, ...shape.slice(axis + 1)];
    context.claim(elementCount(result));
    const [outer, inner] = [elementCount(shape.slice(0, axis)), elementCount(shape.slice(axis + 1))];
    const picks = newValues(type, elementCount(result));
    let to = 0;
    for (let i = 0; i < outer; i++) {
      for (const row of rows) {
        picks.set(values.subarray((i * size + row) * inner, (i * size + row + 1) * inner), to);
        to += inner;
      }
    }
    return { kind: 'known', shape: result, type, values: picks };
  },
  Slice: (context, [x]) => sliced(x as Known, sliceRanges(context, (x as Known).shape)),
  Split(context, [x]) {
    const { shape } = x as Known;
    const { axis, sizes } = splitSizes(context, shape);
    let start = 0;
    return sizes.map((size) => {
      const ranges = shape.map((whole, i) => ({
        start: i === axis ? start : 0,
        step: 1,
        size: i === axis ? size : whole,
      }));
      start += size;
      return sliced(x as Known, ranges);
    });
  },
  ConstantOfShape(context, [x]) {
    const shape = sizesOf(context, x as Known);
    context.claim(elementCount(shape));
    const tensor = context.attribute('value')?.t;
    const value = tensor ? context.tensor(tensor) : floats([0], [1]);
    return { ...value, shape, values: newValues(value.type, elementCount(shape)).fill(value.values[0] ?? 0) };
  },
  Expand(context, [x, size]) {
    const { shape, type } = x as Known;
    const target = broadcastShape(shape, sizesOf(context, size as Known));
    if (!target) throw damaged(`${context.place} expands [${shape}] to a shape that does not fit`);
    context.claim(elementCount(target));
    return { kind: 'known', shape: target, type, values: broadcastTo(x as Known, target).slice() };
  },
  Range(context, [start, limit, delta]) {
    const [from = 0, to = 0, step = 1] = [start, limit, delta].map((each) => each?.values[0]);
    const count = Math.max(0, Math.ceil((to - from) / step));
    context.claim(count);
    const values = Array.from({ length: count }, (_, i) => from + i * step);
    return start?.type === 'float' ? floats(values, [count]) : integers(values);
  },
  Tile(context, [x, repeats]) {
    const { shape, type, values } = x as Known;
    const times = sizesOf(context, repeats as Known);
    const result = shape.map((size, axis) => size * (times[axis] ?? 1));
    context.claim(elementCount(result));
    const strides = stridesOf(shape);
    const tiled = gathered(
      values,
      shape.flatMap((size, axis) => [times[axis] ?? 1, size]),
      strides.flatMap((stride) => [0, stride]),
    );
    return { kind: 'known', shape: result, type, values: tiled };
  },
  CumSum(context, [x, along]) {
    const { shape, type, values } = x as Known;
    if (context.int('exclusive', 0) || context.int('reverse', 0))
      throw context.unsupported('exclusive or reverse sums');
    const axis = context.axis((along as Known).values[0] ?? 0, shape.length);
    context.claim(values.length);
    const step = stridesOf(shape)[axis] as number;
    const sums = values.slice();
    for (let i = 0; i < sums.length; i++) {
      if (Math.floor(i / step) % (shape[axis] as number) > 0)
        sums[i] = (sums[i] as number) + (sums[i - step] as number);
    }
    return { kind: 'known', shape, type, values: sums };
  },
  // The projection of the positions in EdgeFace (EdgeNeXt), which do not depend on the image.
  Conv(context, [x, weights, bias]) {
    const [image, { shape: filter, values: factors }] = [x as Known, weights as Known];
    const [batch, channels = 0, ...size] = image.shape;
    const [out = 0, inputs, ...window] = filter;
    const isPlain = window.every((side) => side === 1) && [...context.ints('strides')].every((step) => step === 1);
    if (batch !== 1 || inputs !== channels || !isPlain || context.ints('pads').some((pad) => pad !== 0)) {
      throw context.unsupported('a constant image and weights of another size than 1×1');
    }
    const pixels = elementCount(size);
    context.claim(out * pixels);
    const values = Float32Array.from({ length: out * pixels }, (_, i) => {
      const [row, pixel] = [Math.floor(i / pixels), i % pixels];
      let sum = bias?.values[row] ?? 0;
      for (let c = 0; c < channels; c++) {
        sum += (factors[row * channels + c] as number) * (image.values[c * pixels + pixel] as number);
      }
      return sum;
    });
    return floats(values, [1, out, ...size]);
  },
  ReduceProd: (context, [x]) => product(context, x as Known),
};

function newValues(type: Known['type'], count: number): Known['values'] {
  return type === 'float' ? new Float32Array(count) : new Float64Array(count);
}

/** A part of a tensor along each axis. */
export function sliced(x: Known, ranges: readonly { start: number; step: number; size: number }[]): Known {
  const strides = stridesOf(x.shape);
  const start = ranges.reduce((sum, range, axis) => sum + range.start * (strides[axis] as number), 0);
  const shape = ranges.map(({ size }) => size);
  const steps = ranges.map(({ step }, axis) => step * (strides[axis] as number));
  return { ...x, shape, values: gathered(x.values, shape, steps, start) };
}

function joined(context: OperatorContext, left: Known, right: Known, axis: number): Known {
  const fits = left.shape.every((size, i) => i === axis || size === right.shape[i]);
  if (!fits || left.shape.length !== right.shape.length) {
    throw damaged(`${context.place} joins tensors of the shapes [${left.shape}] and [${right.shape}]`);
  }
  const shape = left.shape.map((size, i) => (i === axis ? size + (right.shape[i] as number) : size));
  const count = elementCount(shape);
  context.claim(count);
  const values = newValues(left.type, count);
  const outer = elementCount(shape.slice(0, axis));
  const [a, b] = [left.values.length / outer, right.values.length / outer];
  for (let i = 0; i < outer; i++) {
    values.set(left.values.subarray(i * a, (i + 1) * a), i * (a + b));
    values.set(right.values.subarray(i * b, (i + 1) * b), i * (a + b) + a);
  }
  return { kind: 'known', shape, type: left.type, values };
}

/** The product of all values, for the number of elements of a shape. */
function product(context: OperatorContext, { values, type, shape }: Known): Known {
  const axes = context.integersOf(1, 'axes') ?? [];
  if (axes.length > 0 && shape.length > 1) throw context.unsupported('a product along some axes');
  const result = context.int('keepdims', 1) ? shape.map(() => 1) : [];
  const total = [...values].reduce((a, b) => a * b, 1);
  return type === 'float' ? floats([total], result) : integers([total], result);
}

/** The values of a tensor of sizes. */
function sizesOf(context: OperatorContext, { values }: Known): number[] {
  const sizes = [...values];
  if (sizes.every((size) => Number.isInteger(size) && size >= 0)) return sizes;
  throw damaged(`${context.place} has the impossible sizes [${sizes}]`);
}
