/** A compared pair of faces: genuine (of the same person) or impostor (of different people). */
export interface ScoredPair {
  /** The distance of the embeddings; smaller is more similar. */
  distance: number;
  /** Whether both faces are of the same person. */
  same: boolean;
}

/** A scored pair of a protocol with folds. */
export interface FoldedPair extends ScoredPair {
  /** The fold that the pair belongs to. */
  fold: number;
}

/** The pairs accepted at a threshold, those with `distance <= threshold`. (FaceNet paper, section 4) */
export interface AcceptCounts {
  /** TA: the number of accepted genuine pairs. */
  trueAccepts: number;
  /** FA: the number of accepted impostor pairs. */
  falseAccepts: number;
  /** |P_same|: the number of genuine pairs. */
  same: number;
  /** |P_diff|: the number of impostor pairs. */
  different: number;
}

/**
 * Counts TA(d) and FA(d) at the threshold d.
 *
 * @param pairs genuine and impostor pairs.
 * @param threshold d. Pairs at most this far apart are accepted.
 *
 * @example
 * const counts = countAccepts(pairs, 0.62);
 * show(accuracy(counts), validationRate(counts), falseAcceptRate(counts));
 */
export function countAccepts(pairs: readonly ScoredPair[], threshold: number): AcceptCounts {
  const counts: AcceptCounts = { trueAccepts: 0, falseAccepts: 0, same: 0, different: 0 };
  for (const { distance, same } of pairs) {
    const accepted = distance <= threshold ? 1 : 0;
    if (same) {
      counts.same++;
      counts.trueAccepts += accepted;
    } else {
      counts.different++;
      counts.falseAccepts += accepted;
    }
  }
  return counts;
}

/**
 * VAL(d) = |TA(d)| / |P_same|, the share of genuine pairs that is accepted.
 *
 * @param counts of {@link countAccepts}.
 * @returns 0 to 1; NaN without genuine pairs.
 */
export function validationRate(counts: AcceptCounts): number {
  const { trueAccepts, same } = counts;
  return trueAccepts / same;
}

/**
 * FAR(d) = |FA(d)| / |P_diff|, the share of impostor pairs that is accepted.
 *
 * @param counts of {@link countAccepts}.
 * @returns 0 to 1; NaN without impostor pairs.
 */
export function falseAcceptRate(counts: AcceptCounts): number {
  const { falseAccepts, different } = counts;
  return falseAccepts / different;
}

/**
 * The share of all pairs that is classified correctly.
 *
 * @param counts of {@link countAccepts}.
 * @returns 0 to 1; NaN without pairs.
 */
export function accuracy(counts: AcceptCounts): number {
  const { trueAccepts, falseAccepts, same, different } = counts;
  return (trueAccepts + different - falseAccepts) / (same + different);
}

/** The distances of the genuine or of the impostor pairs, ascending. */
export function sortedDistances(pairs: readonly ScoredPair[], same: boolean): Float64Array {
  return Float64Array.from(
    pairs.filter((pair) => pair.same === same),
    ({ distance }) => distance,
  ).sort();
}
