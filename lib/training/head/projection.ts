import { principalComponents } from '../../core/principal-components.ts';
import { addScaled, dot } from '../../core/vectors.ts';

/** The dimensions of a head. */
export interface HeadShape {
  /** D, the length of the input embeddings. */
  inputs: number;
  /** D′, the length of the output embeddings. */
  outputs: number;
  /** The units of the hidden layer; 0 for none. */
  hidden: number;
}

/**
 * A head: z = y / ‖y‖ with y = A·x + a + C·max(0, B·x + b). All parameters lie in one array, which an optimiser updates and a file
 * stores; the row-major matrices are views of it.
 */
export interface Projection extends HeadShape {
  /** All parameters, in the order of the fields below. */
  numbers: Float64Array;
  /** A, outputs × inputs. */
  linear: Float64Array;
  /** a, outputs. */
  offset: Float64Array;
  /** B, hidden × inputs. */
  hiddenIn: Float64Array;
  /** b, hidden. */
  hiddenOffset: Float64Array;
  /** C, outputs × hidden. */
  hiddenOut: Float64Array;
}

/** The output of a head, with the intermediate values that its gradient needs. */
export interface Projected {
  /** z, the L2-normalised embeddings. */
  units: Float64Array[];
  /** ‖y‖ of each embedding. */
  lengths: number[];
  /** max(0, B·x + b) of each embedding. */
  activations: Float64Array[];
}

/** The minimum squared length of y, so that normalising never divides by 0. */
const minSquaredLength = 1e-12;

/** The number of parameters of a head. */
export function countNumbers({ inputs, outputs, hidden }: HeadShape): number {
  return outputs * (inputs + 1) + hidden * (inputs + 1) + outputs * hidden;
}

/** Creates the matrix views of a parameter array. @param numbers of length {@link countNumbers}; default: zeros. */
export function projectionOf(
  shape: HeadShape,
  numbers: Float64Array = new Float64Array(countNumbers(shape)),
): Projection {
  const { inputs, outputs, hidden } = shape;
  let start = 0;
  const next = (length: number) => {
    start += length;
    return numbers.subarray(start - length, start);
  };
  return {
    ...shape,
    numbers,
    linear: next(outputs * inputs),
    offset: next(outputs),
    hiddenIn: next(hidden * inputs),
    hiddenOffset: next(hidden),
    hiddenOut: next(outputs * hidden),
  };
}

/**
 * An untrained head that preserves distances: the identity; for fewer dimensions the projection onto the leading principal
 * components; for more the identity padded with zeros. The hidden layer's input weights are random (He et al., arXiv 1502.01852) and
 * its output weights 0, so that it does not contribute yet.
 */
export function initialProjection(
  shape: HeadShape,
  vectors: readonly Float32Array[],
  random: () => number,
): Projection {
  const projection = projectionOf(shape);
  const { inputs, outputs, linear, hiddenIn } = projection;
  if (outputs < inputs) {
    const { axes } = principalComponents(vectors, outputs, random);
    for (const [row, axis] of axes.entries()) linear.set(axis, row * inputs);
  } else {
    for (let i = 0; i < inputs; i++) linear[i * inputs + i] = 1;
  }
  const limit = Math.sqrt(6 / inputs);
  for (let i = 0; i < hiddenIn.length; i++) hiddenIn[i] = (2 * random() - 1) * limit;
  return projection;
}

/** Applies a head to embeddings. */
export function project(projection: Projection, vectors: readonly ArrayLike<number>[]): Projected {
  const { inputs, outputs, hidden, linear, offset, hiddenIn, hiddenOffset, hiddenOut } = projection;
  const projected: Projected = { units: [], lengths: [], activations: [] };
  for (const vector of vectors) {
    const activation = multiply(hiddenIn, vector, hidden, inputs);
    for (let i = 0; i < hidden; i++) {
      activation[i] = Math.max(0, (activation[i] as number) + (hiddenOffset[i] as number));
    }
    const unit = multiply(linear, vector, outputs, inputs);
    const hiddenPart = multiply(hiddenOut, activation, outputs, hidden);
    let squares = 0;
    for (let i = 0; i < outputs; i++) {
      const value = (unit[i] as number) + (offset[i] as number) + (hiddenPart[i] as number);
      unit[i] = value;
      squares += value * value;
    }
    const length = Math.sqrt(Math.max(squares, minSquaredLength));
    for (let i = 0; i < outputs; i++) unit[i] = (unit[i] as number) / length;
    projected.units.push(unit);
    projected.lengths.push(length);
    projected.activations.push(activation);
  }
  return projected;
}

/**
 * The gradient of a loss with respect to a head's parameters, by backpropagation.
 *
 * @param vectors the input embeddings.
 * @param projected the output of {@link project} for them.
 * @param gradients the gradient of the loss with respect to each output embedding.
 * @returns one number per parameter, in the order of `projection.numbers`.
 */
export function projectionGradient(
  projection: Projection,
  vectors: readonly ArrayLike<number>[],
  { units, lengths, activations }: Projected,
  gradients: readonly Float64Array[],
): Float64Array {
  const { inputs, outputs, hidden, hiddenOut } = projection;
  const result = projectionOf(projection, new Float64Array(projection.numbers.length));
  vectors.forEach((vector, row) => {
    const [unit, gradient, activation] = [units[row], gradients[row], activations[row]] as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    // Normalising to length 1 removes the radial component of the gradient.
    const radial = dot(unit, gradient);
    const hiddenGradient = new Float64Array(hidden);
    for (let i = 0; i < outputs; i++) {
      const value = ((gradient[i] as number) - radial * (unit[i] as number)) / (lengths[row] as number);
      if (value === 0) continue;
      addScaled(result.linear, vector, value, i * inputs);
      result.offset[i] = (result.offset[i] as number) + value;
      addScaled(result.hiddenOut, activation, value, i * hidden);
      for (let j = 0; j < hidden; j++) {
        hiddenGradient[j] = (hiddenGradient[j] as number) + value * (hiddenOut[i * hidden + j] as number);
      }
    }
    for (let j = 0; j < hidden; j++) {
      if ((activation[j] as number) <= 0) continue;
      addScaled(result.hiddenIn, vector, hiddenGradient[j] as number, j * inputs);
      result.hiddenOffset[j] = (result.hiddenOffset[j] as number) + (hiddenGradient[j] as number);
    }
  });
  return result.numbers;
}

/** Multiplies a row-major matrix by a vector. */
function multiply(matrix: Float64Array, vector: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const result = new Float64Array(rows);
  for (let row = 0, at = 0; row < rows; row++) {
    let sum = 0;
    for (let column = 0; column < columns; column++) sum += (matrix[at++] as number) * (vector[column] as number);
    result[row] = sum;
  }
  return result;
}
