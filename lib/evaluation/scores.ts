/** One comparison of an evaluation: how far apart two faces are, and whether they are of one person. */
export interface ScoredPair {
  /** The distance of the two embeddings; smaller is more alike. */
  distance: number;
  /** Whether the two faces are of one person. */
  same: boolean;
}

/** A scored pair of a protocol with folds. */
export interface FoldedPair extends ScoredPair {
  /** The fold that the pair belongs to. */
  fold: number;
}

/** How many pairs are accepted at a threshold: those with `distance <= threshold`. (FaceNet paper, section 4) */
export interface AcceptCounts {
  /** TA: accepted pairs of one person. */
  trueAccepts: number;
  /** FA: accepted pairs of two people. */
  falseAccepts: number;
  /** |P_same|: all pairs of one person. */
  same: number;
  /** |P_diff|: all pairs of two people. */
  different: number;
}

/** Counts TA(d) and FA(d) at the threshold d. */
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

/** VAL(d) = |TA(d)| / |P_same|, the share of pairs of one person that is accepted; NaN without such pairs. */
export function validationRate({ trueAccepts, same }: AcceptCounts): number {
  return trueAccepts / same;
}

/** FAR(d) = |FA(d)| / |P_diff|, the share of pairs of two people that is accepted; NaN without such pairs. */
export function falseAcceptRate({ falseAccepts, different }: AcceptCounts): number {
  return falseAccepts / different;
}

/** The share of all pairs that is judged rightly at a threshold. */
export function accuracy({ trueAccepts, falseAccepts, same, different }: AcceptCounts): number {
  return (trueAccepts + different - falseAccepts) / (same + different);
}

/** The distances of the pairs of one person or of two, in ascending order. */
export function sortedDistances(pairs: readonly ScoredPair[], same: boolean): Float64Array {
  return Float64Array.from(
    pairs.filter((pair) => pair.same === same),
    ({ distance }) => distance,
  ).sort();
}
