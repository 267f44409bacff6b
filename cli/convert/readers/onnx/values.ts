/** A tensor whose values are known: a weight, or something computed from weights and shapes. Row-major. */
export interface Known {
  kind: 'known';
  shape: readonly number[];
  /** Integers and booleans have exact values up to 2⁵³. */
  type: 'float' | 'integer' | 'boolean';
  values: Float32Array | Float64Array;
  /** Whether the file stores signed integers of 8 bits: the range of a quantised tensor. */
  isSigned?: boolean;
}

/**
 * A tensor that depends on the image: the result of a node of the graph model, which stores it with the batch as its first axis and
 * the axes of the ONNX tensor after it in any order.
 */
export interface Computed {
  kind: 'computed';
  /** The node of the graph model. */
  node: string;
  /** The shape in ONNX, for a batch of one image. */
  shape: readonly number[];
  /**
   * The axes that the node's result has after its batch axis, in their order: [2, 3, 1] for NHWC. Axes that are left out have the
   * size 1, among them the batch axis. Transposing a tensor changes this list, and no data.
   */
  order: readonly number[];
  /** A reshaped tensor before its values were rearranged: a matrix product rearranges its matrix instead. */
  flattened?: Computed;
}

/** A value of the graph, by the name of an edge. */
export type Value = Known | Computed;

/** The number of elements. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A known tensor of integers. */
export function integers(values: readonly number[], shape: readonly number[] = [values.length]): Known {
  return { kind: 'known', shape, type: 'integer', values: Float64Array.from(values) };
}

/** A known tensor of floats. */
export function floats(values: ArrayLike<number>, shape: readonly number[]): Known {
  return { kind: 'known', shape, type: 'float', values: Float32Array.from(values) };
}

/** The values of a known tensor as numbers. */
export function numbersOf({ values }: Known): number[] {
  return [...values];
}

/** The distances between neighbours along each axis, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] as number) * (shape[axis + 1] as number);
  }
  return strides;
}

/** The values of a tensor whose axes are rearranged: axis i of the result is axis `axes[i]`. */
export function transposed<T extends Float32Array | Float64Array>(
  values: T,
  shape: readonly number[],
  axes: readonly number[],
): T {
  const strides = stridesOf(shape);
  return gathered(
    values,
    axes.map((axis) => shape[axis] as number),
    axes.map((axis) => strides[axis] as number),
  );
}

/**
 * The tensor of a shape whose element at an index is `values[start + Σ index · stride]`.
 *
 * @param strides the distance between neighbours along each axis of the result; 0 repeats a value.
 */
export function gathered<T extends Float32Array | Float64Array>(
  values: T,
  shape: readonly number[],
  strides: readonly number[],
  start = 0,
): T {
  const result = new (values.constructor as new (length: number) => T)(elementCount(shape));
  const index = new Array<number>(shape.length).fill(0);
  let from = start;
  for (let to = 0; to < result.length; to++) {
    result[to] = values[from] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis] as number;
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      from -= (shape[axis] as number) * (strides[axis] as number);
      index[axis] = 0;
    }
  }
  return result;
}

/** The shape of the result of an operation on two tensors; undefined if they do not fit. */
export function broadcastShape(left: readonly number[], right: readonly number[]): number[] | undefined {
  const rank = Math.max(left.length, right.length);
  const shape = Array.from({ length: rank }, (_, axis) => {
    const a = left[axis - rank + left.length] ?? 1;
    const b = right[axis - rank + right.length] ?? 1;
    return a === b || b === 1 ? a : a === 1 ? b : Number.NaN;
  });
  return shape.some(Number.isNaN) ? undefined : shape;
}

/** The values of a tensor, repeated along the axes in which another shape is larger. */
export function broadcastTo({ shape: from, values }: Known, shape: readonly number[]): Float32Array | Float64Array {
  if (from.length === shape.length && from.every((size, axis) => size === shape[axis])) return values;
  const own = stridesOf(from);
  const missing = shape.length - from.length;
  const strides = shape.map((_, axis) => (from[axis - missing] === 1 ? 0 : (own[axis - missing] ?? 0)));
  return gathered(values, shape, strides);
}
