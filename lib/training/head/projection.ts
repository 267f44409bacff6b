import { addScaled, dot } from '../../core/vectors.ts';
import { principalDirections } from './principal.ts';

/** What a head's numbers are for. */
export interface HeadShape {
  /** How many numbers an embedding has before it, D. */
  inputs: number;
  /** How many it has after it, D′. */
  outputs: number;
  /** The units of the hidden layer; 0 for none. */
  hidden: number;
}

/**
 * A head: z = y / ‖y‖ with y = A·x + a + C·max(0, B·x + b). All its numbers lie in one array, so that an optimiser and a file see
 * nothing else; the matrices, row by row, are views of it.
 */
export interface Projection extends HeadShape {
  numbers: Float64Array;
  /** A, outputs × inputs. */
  linear: Float64Array;
  /** a, of `outputs` numbers. */
  offset: Float64Array;
  /** B, hidden × inputs. */
  hiddenIn: Float64Array;
  /** b, of `hidden` numbers. */
  hiddenOffset: Float64Array;
  /** C, outputs × hidden. */
  hiddenOut: Float64Array;
}

/** What a run through a head leaves behind for its gradient. */
export interface Projected {
  /** z, the embeddings: of length 1. */
  units: Float64Array[];
  /** ‖y‖ of each. */
  lengths: number[];
  /** max(0, B·x + b) of each. */
  activations: Float64Array[];
}

/** Keeps a direction for a vector of length 0. */
const tiny = 1e-12;

/** How many numbers a head of this shape has. */
export function countNumbers({ inputs, outputs, hidden }: HeadShape): number {
  return outputs * (inputs + 1) + hidden * (inputs + 1) + outputs * hidden;
}

/** Lays a head's matrices over its numbers. @param numbers as many as {@link countNumbers} says; default: zeros. */
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
 * A head that changes nothing yet: the identity; to fewer dimensions the projection on those in which the embeddings spread most,
 * which keeps distances as well as a projection can; to more the identity and zeros. A hidden layer begins at random (He et al., arXiv
 * 1502.01852), but is not yet listened to.
 */
export function initialProjection(
  shape: HeadShape,
  vectors: readonly Float32Array[],
  random: () => number,
): Projection {
  const projection = projectionOf(shape);
  const { inputs, outputs, linear, hiddenIn } = projection;
  if (outputs < inputs) {
    for (const [row, direction] of principalDirections(vectors, outputs, random).entries()) {
      linear.set(direction, row * inputs);
    }
  } else {
    for (let i = 0; i < inputs; i++) linear[i * inputs + i] = 1;
  }
  const limit = Math.sqrt(6 / inputs);
  for (let i = 0; i < hiddenIn.length; i++) hiddenIn[i] = (2 * random() - 1) * limit;
  return projection;
}

/** Runs embeddings through a head. */
export function project(projection: Projection, vectors: readonly ArrayLike<number>[]): Projected {
  const { inputs, outputs, hidden, linear, offset, hiddenIn, hiddenOffset, hiddenOut } = projection;
  const projected: Projected = { units: [], lengths: [], activations: [] };
  for (const vector of vectors) {
    const activation = product(hiddenIn, vector, hidden, inputs);
    for (let i = 0; i < hidden; i++)
      activation[i] = Math.max(0, (activation[i] as number) + (hiddenOffset[i] as number));
    const unit = product(linear, vector, outputs, inputs);
    const deep = product(hiddenOut, activation, outputs, hidden);
    let squares = 0;
    for (let i = 0; i < outputs; i++) {
      const value = (unit[i] as number) + (offset[i] as number) + (deep[i] as number);
      unit[i] = value;
      squares += value * value;
    }
    const length = Math.sqrt(Math.max(squares, tiny));
    for (let i = 0; i < outputs; i++) unit[i] = (unit[i] as number) / length;
    projected.units.push(unit);
    projected.lengths.push(length);
    projected.activations.push(activation);
  }
  return projected;
}

/**
 * The gradient of a loss with respect to a head's numbers, by the chain rule.
 *
 * @param vectors what was projected.
 * @param slopes the loss's gradient with respect to each of the projected embeddings.
 * @returns as many numbers as the head has, in their order.
 */
export function projectionGradient(
  projection: Projection,
  vectors: readonly ArrayLike<number>[],
  { units, lengths, activations }: Projected,
  slopes: readonly Float64Array[],
): Float64Array {
  const { inputs, outputs, hidden, hiddenOut } = projection;
  const gradient = projectionOf(projection, new Float64Array(projection.numbers.length));
  vectors.forEach((vector, row) => {
    const [unit, slope, activation] = [units[row], slopes[row], activations[row]] as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    // Of a vector brought to length 1 only what is across it counts.
    const along = dot(unit, slope);
    const behind = new Float64Array(hidden);
    for (let i = 0; i < outputs; i++) {
      const value = ((slope[i] as number) - along * (unit[i] as number)) / (lengths[row] as number);
      if (value === 0) continue;
      addScaled(gradient.linear, vector, value, i * inputs);
      gradient.offset[i] = (gradient.offset[i] as number) + value;
      addScaled(gradient.hiddenOut, activation, value, i * hidden);
      for (let j = 0; j < hidden; j++) {
        behind[j] = (behind[j] as number) + value * (hiddenOut[i * hidden + j] as number);
      }
    }
    for (let j = 0; j < hidden; j++) {
      if ((activation[j] as number) <= 0) continue;
      addScaled(gradient.hiddenIn, vector, behind[j] as number, j * inputs);
      gradient.hiddenOffset[j] = (gradient.hiddenOffset[j] as number) + (behind[j] as number);
    }
  });
  return gradient.numbers;
}

/** A matrix, row by row, times a vector. */
function product(matrix: Float64Array, vector: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const result = new Float64Array(rows);
  for (let row = 0, at = 0; row < rows; row++) {
    let sum = 0;
    for (let column = 0; column < columns; column++) sum += (matrix[at++] as number) * (vector[column] as number);
    result[row] = sum;
  }
  return result;
}
