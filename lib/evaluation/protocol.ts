import {
  accuracy,
  countAccepts,
  type FoldedPair,
  falseAcceptRate,
  type ScoredPair,
  sortedDistances,
  validationRate,
} from './scores.ts';

/** A mean over folds. */
export interface FoldMean {
  mean: number;
  /** The standard error of the mean, σ̂/√n with n − 1 in σ̂; NaN for a single fold. (LFW report, section 4) */
  standardError: number;
}

/** Accuracy under the View 2 protocol. */
export interface ProtocolAccuracy extends FoldMean {
  /** The accuracy of each fold, by ascending fold number. */
  folds: number[];
}

/** VAL at a false-accept rate. */
export interface ProtocolValidation extends FoldMean {
  /** The false-accept rate that the threshold really had on the folds it was not made from; the mean. */
  realisedFar: number;
}

/**
 * Accuracy as LFW's View 2 defines it: the pairs of each fold are judged with the threshold that is best on all the other
 * folds. (Huang et al., "Labeled Faces in the Wild", University of Massachusetts, 2007)
 *
 * @param pairs of at least two folds.
 */
export function viewTwoAccuracy(pairs: readonly FoldedPair[]): ProtocolAccuracy {
  const folds = overFolds(pairs, (held, others) => accuracy(countAccepts(held, bestThreshold(others))));
  return { ...foldMean(folds), folds };
}

/**
 * VAL at a false-accept rate: the pairs of each fold are accepted up to the threshold that has this rate on the other
 * folds. (FaceNet paper, section 4; davidsandberg/facenet, src/facenet.py, calculate_val)
 *
 * @param far the false-accept rate, above 0 and below 1.
 */
export function validationAtFar(pairs: readonly FoldedPair[], far: number): ProtocolValidation {
  const counts = overFolds(pairs, (held, others) => countAccepts(held, thresholdAtFar(others, far)));
  return { ...foldMean(counts.map(validationRate)), realisedFar: foldMean(counts.map(falseAcceptRate)).mean };
}

/**
 * The threshold that judges most pairs rightly; of several, the one in the middle of the widest gap that is as good.
 */
export function bestThreshold(pairs: readonly ScoredPair[]): number {
  const sorted = [...pairs].sort((a, b) => a.distance - b.distance);
  let right = sorted.filter(({ same }) => !same).length;
  let best = { right, gap: 0, threshold: (sorted[0]?.distance ?? 0) - 1 };
  sorted.forEach(({ distance, same }, i) => {
    right += same ? 1 : -1;
    const next = sorted[i + 1]?.distance ?? distance;
    const gap = next - distance;
    // Between two pairs at one distance there is no threshold.
    if (gap === 0 && i + 1 < sorted.length) return;
    if (right > best.right || (right === best.right && gap > best.gap)) {
      best = { right, gap, threshold: (distance + next) / 2 };
    }
  });
  return best.threshold;
}

/**
 * The threshold up to which a share of strangers is accepted, interpolated between the two distances of strangers that
 * it lies between. A rate below one stranger's share gives the largest threshold that accepts none.
 *
 * @param far the false-accept rate, 0 to 1.
 */
export function thresholdAtFar(pairs: readonly ScoredPair[], far: number): number {
  const distances = sortedDistances(pairs, false);
  const position = far * distances.length;
  const below = distances[Math.floor(position) - 1];
  const above = distances[Math.floor(position)];
  if (above === undefined) return below ?? Number.NaN;
  // The next smaller number that floating point knows near there.
  if (below === undefined) return above * (1 - Number.EPSILON);
  return below + (position % 1) * (above - below);
}

/** A value for each fold, by ascending fold number, from its pairs and all the others. */
export function overFolds<T>(
  pairs: readonly FoldedPair[],
  evaluate: (held: FoldedPair[], others: FoldedPair[]) => T,
): T[] {
  const folds = [...new Set(pairs.map(({ fold }) => fold))].sort((a, b) => a - b);
  return folds.map((fold) =>
    evaluate(
      pairs.filter((pair) => pair.fold === fold),
      pairs.filter((pair) => pair.fold !== fold),
    ),
  );
}

/** The mean of the folds' values and its standard error. */
export function foldMean(values: readonly number[]): FoldMean {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares / (values.length - 1) / values.length) };
}
