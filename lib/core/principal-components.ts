import { addScaled, dot } from './vectors.ts';

/** The directions of greatest variance in a set of vectors. */
export interface PrincipalComponents {
  /** The mean of the vectors. */
  mean: Float64Array;
  /** Unit vectors, orthogonal to each other, in order of decreasing variance. */
  axes: Float64Array[];
}

/** Iterations from a random start. */
const coldIterations = 60;

/** Iterations from known axes: enough to follow vectors that move a little between two calls. */
const warmIterations = 3;

/** A vector is treated as zero when orthogonalisation leaves less than this share of its length. */
const minRemainder = 1e-9;

/** Multiplies the covariance matrix, unnormalised, by a vector. */
type MultiplyCovariance = (vector: Float64Array) => Float64Array;

/**
 * Principal component analysis: the leading eigenvectors of the covariance matrix, by orthogonal iteration. (Golub and Van Loan,
 * "Matrix Computations", section 8.2)
 *
 * @param vectors of one length, at least one vector.
 * @param count the number of axes, at most the length of the vectors.
 * @param start random numbers from 0 to 1 for a cold start; or the axes of an earlier call for a warm start, which keeps each
 *   axis close to its earlier direction and sign.
 */
export function principalComponents(
  vectors: readonly ArrayLike<number>[],
  count: number,
  start: (() => number) | readonly Float64Array[],
): PrincipalComponents {
  const size = vectors[0]?.length ?? 0;
  const mean = meanOf(vectors, size);
  const rows = centred(vectors, mean);
  const isWarm = typeof start !== 'function';
  let axes: Float64Array[] = isWarm
    ? start.map((axis) => axis.slice())
    : Array.from({ length: count }, () => Float64Array.from({ length: size }, () => start() - 0.5));
  // For few products, multiplying by the rows is cheaper than building the covariance matrix.
  const multiply = isWarm ? covarianceByRows(rows, size) : covarianceByMatrix(rows, size);
  const iterations = isWarm ? warmIterations : coldIterations;
  for (let i = 0; i < iterations; i++) axes = orthonormalised(axes.map(multiply), size);
  return { mean, axes };
}

/** The share of the variance of vectors along each of their principal components, 0 to 1. */
export function explainedVariance(
  vectors: readonly ArrayLike<number>[],
  { mean, axes }: PrincipalComponents,
): number[] {
  const rows = centred(vectors, mean);
  const total = rows.reduce((sum, row) => sum + dot(row, row), 0);
  return axes.map((axis) => (total > 0 ? rows.reduce((sum, row) => sum + dot(row, axis) ** 2, 0) / total : 0));
}

function meanOf(vectors: readonly ArrayLike<number>[], size: number): Float64Array {
  const mean = new Float64Array(size);
  for (const vector of vectors) {
    for (let i = 0; i < size; i++) mean[i] = (mean[i] as number) + (vector[i] as number) / vectors.length;
  }
  return mean;
}

function centred(vectors: readonly ArrayLike<number>[], mean: Float64Array): Float64Array[] {
  return vectors.map((vector) => Float64Array.from(mean, (value, i) => (vector[i] as number) - value));
}

function covarianceByRows(rows: readonly Float64Array[], size: number): MultiplyCovariance {
  return (vector) => {
    const sum = new Float64Array(size);
    for (const row of rows) addScaled(sum, row, dot(row, vector));
    return sum;
  };
}

function covarianceByMatrix(rows: readonly Float64Array[], size: number): MultiplyCovariance {
  const covariance = Array.from({ length: size }, () => new Float64Array(size));
  for (const row of rows) {
    for (const [i, line] of covariance.entries()) addScaled(line, row, row[i] as number);
  }
  return (vector) => Float64Array.from(covariance, (line) => dot(line, vector));
}

/** Gram–Schmidt orthonormalisation. A vector in the span of those before it is replaced by a coordinate axis. */
function orthonormalised(vectors: readonly Float64Array[], size: number): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const vector of vectors) {
    let next = orthogonalUnit(vector, basis);
    for (let axis = 0; Math.sqrt(dot(next, next)) < minRemainder && axis < size; axis++) {
      next = orthogonalUnit(
        Float64Array.from({ length: size }, (_, i) => Number(i === axis)),
        basis,
      );
    }
    basis.push(next);
  }
  return basis;
}

/** The component of a vector orthogonal to a basis, scaled to length 1; zeros when the vector lies in its span. */
function orthogonalUnit(vector: Float64Array, basis: readonly Float64Array[]): Float64Array {
  const rest = vector.slice();
  const before = Math.sqrt(dot(rest, rest));
  // A second pass removes the rounding errors of the first.
  for (let pass = 0; pass < 2; pass++) {
    for (const direction of basis) {
      addScaled(rest, direction, -dot(rest, direction));
    }
  }
  const length = Math.sqrt(dot(rest, rest));
  return length <= minRemainder * before ? rest.fill(0) : rest.map((value) => value / length);
}
