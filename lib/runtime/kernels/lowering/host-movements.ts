import { elementCount } from '../../constant.ts';
import type { HostFunction, ShapedFunction } from './host-functions.ts';

/** Copies the elements at the given positions of each image. */
function gather(positions: Int32Array, length: number): HostFunction {
  return ([input = new Float32Array()], output, images) => {
    for (let image = 0; image < images; image++) {
      const [from, to] = [image * length, image * positions.length];
      for (let i = 0; i < positions.length; i++) output[to + i] = input[from + (positions[i] as number)] as number;
    }
  };
}

/**
 * The positions of the elements of a tensor that is read with steps.
 *
 * @param steps the distance between neighbours along each axis, in elements.
 */
function steppedPositions(shape: readonly number[], steps: readonly number[], start: number): Int32Array {
  let positions = Int32Array.of(start);
  shape.forEach((size, axis) => {
    const next = new Int32Array(positions.length * size);
    for (let i = 0; i < next.length; i++) {
      next[i] = (positions[Math.floor(i / size)] as number) + (i % size) * (steps[axis] as number);
    }
    positions = next;
  });
  return positions;
}

function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
}

/** Rearranges the axes of a tensor: axis i of the result is axis `axes[i]`. */
export function transpose(from: readonly number[], axes: readonly number[]): ShapedFunction {
  const strides = stridesOf(from);
  const shape = axes.map((axis) => from[axis] as number);
  const steps = axes.map((axis) => strides[axis] as number);
  return { compute: gather(steppedPositions(shape, steps, 0), elementCount(from)), shape };
}

/** Keeps elements along each axis: `size` from `begin` on, `step` apart. */
export function stridedSlice(
  from: readonly number[],
  begin: readonly number[],
  shape: number[],
  step: readonly number[],
): ShapedFunction {
  const strides = stridesOf(from);
  const start = begin.reduce((sum, index, axis) => sum + index * (strides[axis] as number), 0);
  const steps = step.map((size, axis) => size * (strides[axis] as number));
  return { compute: gather(steppedPositions(shape, steps, start), elementCount(from)), shape };
}

/** Resizes an image to the nearest pixels, with the attributes of TensorFlow's ResizeNearestNeighbor. */
export function resizeNearest(
  [height = 0, width = 0, channels = 0]: readonly number[],
  [toHeight, toWidth]: readonly [number, number],
  { alignCorners, halfPixels }: { alignCorners: boolean; halfPixels: boolean },
): ShapedFunction {
  const sources = (from: number, to: number) => {
    const scale = alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
    const rounded = alignCorners ? Math.round : Math.floor;
    return Array.from({ length: to }, (_, i) => Math.min(from - 1, rounded((halfPixels ? i + 0.5 : i) * scale)));
  };
  const [rows, columns] = [sources(height, toHeight), sources(width, toWidth)];
  const compute: HostFunction = ([input = new Float32Array()], output, images) => {
    let to = 0;
    for (let image = 0; image < images; image++) {
      for (const row of rows) {
        for (const column of columns) {
          const from = ((image * height + row) * width + column) * channels;
          output.set(input.subarray(from, from + channels), to);
          to += channels;
        }
      }
    }
  };
  return { compute, shape: [toHeight, toWidth, channels] };
}

/** How each operator reduces values. */
const reducers: Record<string, { start: number; add: (total: number, value: number) => number }> = {
  Sum: { start: 0, add: (total, value) => total + value },
  Mean: { start: 0, add: (total, value) => total + value },
  Max: { start: Number.NEGATIVE_INFINITY, add: Math.max },
  Min: { start: Number.POSITIVE_INFINITY, add: Math.min },
};

/** The sum, the mean, the maximum or the minimum along axes, which get the size 1. */
export function reduce(op: string, from: readonly number[], axes: readonly number[]): ShapedFunction {
  const { start, add } = reducers[op] as (typeof reducers)[string];
  const shape = from.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const strides = stridesOf(from);
  const starts = steppedPositions(shape, strides, 0);
  const offsets = steppedPositions(
    axes.map((axis) => from[axis] as number),
    axes.map((axis) => strides[axis] as number),
    0,
  );
  const [length, divisor] = [elementCount(from), op === 'Mean' ? offsets.length : 1];
  const compute: HostFunction = ([input = new Float32Array()], output, images) => {
    for (let image = 0; image < images; image++) {
      starts.forEach((position, i) => {
        let total = start;
        for (const offset of offsets) total = add(total, input[image * length + position + offset] as number);
        output[image * starts.length + i] = total / divisor;
      });
    }
  };
  return { compute, shape };
}
