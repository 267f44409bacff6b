/** The two directions that vectors spread most in, and their mean. */
export interface Plane {
  mean: Float64Array;
  axes: [Float64Array, Float64Array];
  /** The share of all variance that each axis shows, 0 to 1. */
  explained: [number, number];
}

/** Power iteration turns towards the axis by the ratio of the two largest variances each time; this many settle a picture. */
const iterations = 60;

/**
 * Principal component analysis to two dimensions, by power iteration on the covariance, which is never written out. (Pearson
 * 1901; Golub and Van Loan, "Matrix Computations", section 8.2)
 *
 * @param vectors of one length, at least one.
 * @param from the axes of an earlier plane, so that the picture of moving points does not jump.
 */
export function principalPlane(vectors: readonly Float32Array[], from?: Plane): Plane {
  const dimension = vectors[0]?.length ?? 0;
  const mean = new Float64Array(dimension);
  for (const vector of vectors)
    for (let i = 0; i < dimension; i++) (mean[i] as number) += at(vector, i) / vectors.length;
  const centred = vectors.map((vector) => Float64Array.from(vector, (value, i) => value - at(mean, i)));
  const total = centred.reduce((sum, vector) => sum + dot(vector, vector), 0);
  const axes: Float64Array[] = [];
  const explained: number[] = [];
  for (const which of [0, 1]) {
    let axis = unit(from?.axes[which] ?? start(dimension, which), axes);
    let variance = 0;
    for (let step = 0; step < iterations; step++) {
      const next = new Float64Array(dimension);
      variance = 0;
      for (const vector of centred) {
        const along = dot(vector, axis);
        variance += along * along;
        for (let i = 0; i < dimension; i++) (next[i] as number) += along * at(vector, i);
      }
      // Vectors that are all one spread in no direction.
      if (variance < 1e-12) break;
      axis = unit(next, axes);
    }
    axes.push(axis);
    explained.push(total > 0 ? variance / total : 0);
  }
  return { mean, axes: axes as Plane['axes'], explained: explained as Plane['explained'] };
}

/** Where a vector lies in a plane. */
export function projected(vector: Float32Array, { mean, axes }: Plane): { x: number; y: number } {
  const centred = Float64Array.from(vector, (value, i) => value - at(mean, i));
  return { x: dot(centred, axes[0]), y: dot(centred, axes[1]) };
}

/** Any direction will do that is not at right angles to the one that is sought, and always the same. */
function start(dimension: number, which: number): Float64Array {
  return Float64Array.from({ length: dimension }, (_, i) => Math.sin((i + 1) * (which + 1.37)));
}

/** A vector of length 1, at right angles to the given ones. */
function unit(vector: Float64Array, others: readonly Float64Array[]): Float64Array {
  const upright = vector.slice();
  for (const other of others) {
    const along = dot(upright, other);
    for (let i = 0; i < upright.length; i++) (upright[i] as number) -= along * at(other, i);
  }
  const length = Math.sqrt(dot(upright, upright)) || 1;
  return upright.map((value) => value / length);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += at(a, i) * at(b, i);
  return sum;
}

function at(values: Float32Array | Float64Array, i: number): number {
  return values[i] as number;
}
