import { addScaled, dot } from '../../core/vectors.ts';

/** How often directions are refined when nothing is known of them. */
const refinements = 60;

// The demo's Lab has a small one of its own, to two dimensions: a demo may use only what the package exports, and this it does not.

/**
 * The directions in which vectors spread most about their mean, of length 1 and across each other: the leading eigenvectors of the
 * covariance, by orthogonal iteration. (Golub and Van Loan, "Matrix Computations", section 8.2)
 *
 * @param count how many, at most the vectors' dimension.
 * @param start what to begin from: numbers from 0 to 1, or directions of an earlier call, from which they then turn but little.
 */
export function principalDirections(
  vectors: readonly ArrayLike<number>[],
  count: number,
  start: (() => number) | readonly Float64Array[],
): Float64Array[] {
  const size = vectors[0]?.length ?? 0;
  const centred = centredRows(vectors, size);
  const known = typeof start === 'function' ? undefined : start;
  let directions: Float64Array[] =
    known?.map((direction) => direction.slice()) ??
    Array.from({ length: count }, () => Float64Array.from({ length: size }, () => (start as () => number)() - 0.5));
  // A few turns of a few directions are quicker without the covariance itself, many of many with it.
  const spread = known ? spreadOfRows(centred, size) : spreadOfCovariance(centred, size);
  for (let i = 0; i < (known ? 3 : refinements); i++) directions = orthonormal(directions.map(spread), size);
  return directions;
}

function centredRows(vectors: readonly ArrayLike<number>[], size: number): Float64Array[] {
  const mean = new Float64Array(size);
  for (const vector of vectors) {
    for (let i = 0; i < size; i++) mean[i] = (mean[i] as number) + (vector[i] as number) / vectors.length;
  }
  return vectors.map((vector) => Float64Array.from(mean, (value, i) => (vector[i] as number) - value));
}

/** Multiplies the covariance by a direction. */
type Spread = (direction: Float64Array) => Float64Array;

function spreadOfRows(rows: readonly Float64Array[], size: number): Spread {
  return (direction) => {
    const sum = new Float64Array(size);
    for (const row of rows) addScaled(sum, row, dot(row, direction));
    return sum;
  };
}

function spreadOfCovariance(rows: readonly Float64Array[], size: number): Spread {
  const covariance = Array.from({ length: size }, () => new Float64Array(size));
  for (const row of rows) {
    for (const [i, line] of covariance.entries()) addScaled(line, row, row[i] as number);
  }
  return (direction) => Float64Array.from(covariance, (line) => dot(line, direction));
}

/** Gram and Schmidt's, twice over, since once loses digits; a direction that the others leave nothing of becomes an axis. */
function orthonormal(vectors: readonly Float64Array[], size: number): Float64Array[] {
  const made: Float64Array[] = [];
  for (const vector of vectors) {
    let next = across(vector, made);
    for (let axis = 0; Math.sqrt(dot(next, next)) < 1e-9 && axis < size; axis++) {
      next = across(
        Float64Array.from({ length: size }, (_, i) => Number(i === axis)),
        made,
      );
    }
    made.push(next);
  }
  return made;
}

/** What is left of a vector across directions, at length 1; zeros where next to nothing is. */
function across(vector: Float64Array, directions: readonly Float64Array[]): Float64Array {
  const rest = vector.slice();
  const before = Math.sqrt(dot(rest, rest));
  for (let pass = 0; pass < 2; pass++) {
    for (const direction of directions) {
      addScaled(rest, direction, -dot(rest, direction));
    }
  }
  const length = Math.sqrt(dot(rest, rest));
  return length <= 1e-9 * before ? rest.fill(0) : rest.map((value) => value / length);
}
