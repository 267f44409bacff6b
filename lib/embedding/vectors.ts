/**
 * The weighted mean of vectors of one length.
 *
 * @param weights one per vector, with a sum other than 0. Default: equal weights.
 */
export function meanOf(
  vectors: readonly Float32Array[],
  weights: readonly number[] = vectors.map(() => 1),
): Float32Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = new Float32Array(vectors[0]?.length ?? 0);
  for (const [v, vector] of vectors.entries()) {
    const share = (weights[v] as number) / total;
    for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] as number) + (vector[i] as number) * share;
  }
  return mean;
}

/**
 * Scales a vector to length 1: embeddings are on the unit sphere (FaceNet paper, section 3.1). A zero vector is
 * returned unchanged.
 */
export function unit(vector: Float32Array): Float32Array {
  const length = lengthOf(vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}

/** A vector's Euclidean length. */
export function lengthOf(vector: Float32Array): number {
  return Math.hypot(...vector);
}
