import { logistic } from '../../../core/math.ts';
import { elementCount } from '../../constant.ts';
import { elementwise, type HostFunction } from './host-functions.ts';

/** The functions of one value that are computed in JavaScript, by operator. */
export const unaryFunctions: Record<string, (value: number) => number> = {
  Abs: Math.abs,
  Elu: (value) => (value > 0 ? value : Math.expm1(value)),
  Erf: errorFunction,
  Exp: Math.exp,
  HardSwish: (value) => (value * Math.min(Math.max(value + 3, 0), 6)) / 6,
  Log: Math.log,
  Neg: (value) => -value,
  Reciprocal: (value) => 1 / value,
  Rsqrt: (value) => 1 / Math.sqrt(value),
  Sigmoid: logistic,
  Softplus: (value) => Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value))),
  Sqrt: Math.sqrt,
  Square: (value) => value * value,
  Swish: (value) => value * logistic(value),
  Tanh: Math.tanh,
};

/** The functions of two values that are computed in JavaScript, by operator. */
export const binaryFunctions: Record<string, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  AddV2: (a, b) => a + b,
  BiasAdd: (a, b) => a + b,
  Maximum: Math.max,
  Minimum: Math.min,
  Mul: (a, b) => a * b,
  Pow: (a, b) => a ** b,
  RealDiv: (a, b) => a / b,
  Sub: (a, b) => a - b,
};

/** An operand of a function of two values: its shape for one image, and its values if it is constant. */
export interface Operand {
  shape: readonly number[];
  constant: ArrayLike<number> | undefined;
}

/**
 * Applies a function to two tensors, at least one of which is not constant. An axis of the size 1 is repeated.
 *
 * @param shape the shape of the result for one image.
 */
export function broadcastBinary(
  apply: (a: number, b: number) => number,
  [left, right]: readonly [Operand, Operand],
  shape: readonly number[],
): HostFunction {
  const { constant } = right;
  if (!left.constant && constant?.length === 1) {
    const [value = 0] = Array.from(constant);
    return elementwise((x) => apply(x, value));
  }
  const [leftIndices, rightIndices] = [positions(left.shape, shape), positions(right.shape, shape)];
  const length = elementCount(shape);
  return (inputs, output, images) => {
    const computed = [...inputs];
    const [a, b] = [left, right].map((operand) => operand.constant ?? (computed.shift() as Float32Array));
    for (let image = 0; image < images; image++) {
      const [fromLeft, fromRight] = [left, right].map((operand) =>
        operand.constant ? 0 : image * elementCount(operand.shape),
      ) as [number, number];
      for (let i = 0; i < length; i++) {
        output[image * length + i] = apply(
          (a as ArrayLike<number>)[fromLeft + (leftIndices[i] as number)] as number,
          (b as ArrayLike<number>)[fromRight + (rightIndices[i] as number)] as number,
        );
      }
    }
  };
}

/** The shape of the result of a function of two tensors of one rank; undefined if they do not fit. */
export function broadcastShape(left: readonly number[], right: readonly number[]): number[] | undefined {
  if (left.length !== right.length) return undefined;
  const shape = left.map((size, axis) => (size === 1 ? (right[axis] as number) : size));
  const fits = shape.every((size, axis) => right[axis] === size || right[axis] === 1);
  return fits ? shape : undefined;
}

/** For each element of a tensor, the index in a smaller one that is repeated to its shape. */
function positions(from: readonly number[], shape: readonly number[]): Int32Array {
  const indices = new Int32Array(elementCount(shape));
  let stride = 1;
  let block = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] as number;
    if (from[axis] !== 1) {
      for (let i = 0; i < indices.length; i++) {
        indices[i] = (indices[i] as number) + (Math.floor(i / block) % size) * stride;
      }
      stride *= size;
    }
    block *= size;
  }
  return indices;
}

/** The error function, to 1.5·10⁻⁷. (Abramowitz and Stegun, 7.1.26) */
function errorFunction(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const polynomial = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return Math.sign(x) * (1 - polynomial * Math.exp(-x * x));
}
