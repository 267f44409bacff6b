import {
  accuracy,
  countAccepts,
  type FoldedPair,
  falseAcceptRate,
  type ScoredPair,
  sortedDistances,
  validationRate,
} from './scores.ts';

/** A mean over folds with its standard error. */
export interface FoldMean {
  /** The arithmetic mean of the folds' values. */
  mean: number;
  /**
   * The standard error of the mean, σ̂/√n with the sample standard deviation σ̂; NaN for one fold. (LFW report, section
   * 4)
   */
  standardError: number;
}

/** Accuracy by the View 2 protocol. */
export interface ProtocolAccuracy extends FoldMean {
  /** The accuracy of each fold, sorted by fold number. */
  folds: number[];
}

/** The validation rate (VAL) at a false-accept rate. */
export interface ProtocolValidation extends FoldMean {
  /** The mean false-accept rate on the held-out folds. */
  realisedFar: number;
}

/**
 * Accuracy by the protocol of LFW's View 2: each fold is classified with the threshold that is most accurate on the
 * other folds. (Huang et al., "Labeled Faces in the Wild", University of Massachusetts, 2007)
 *
 * @param pairs of at least two folds.
 *
 * @example
 * const pairs = [1, 2].flatMap((fold) => [
 *   { fold, distance: 0.2, same: true },
 *   { fold, distance: 0.9, same: false },
 * ]);
 * const { mean, standardError } = viewTwoAccuracy(pairs);
 * show(mean, standardError, validationAtFar(pairs, 0.001));
 */
export function viewTwoAccuracy(pairs: readonly FoldedPair[]): ProtocolAccuracy {
  const folds = overFolds(pairs, (held, others) => accuracy(countAccepts(held, bestThreshold(others))));
  return { ...foldMean(folds), folds };
}

/**
 * The validation rate (VAL) at a false-accept rate: each fold is classified with the threshold that has this rate on
 * the other folds. (FaceNet paper, section 4; davidsandberg/facenet, src/facenet.py, calculate_val)
 *
 * @param pairs of at least two folds.
 * @param far the false-accept rate, above 0 and below 1.
 *
 * @example
 * const { mean, standardError, realisedFar } = validationAtFar(pairs, 0.001);
 * show(mean, standardError, realisedFar);
 */
export function validationAtFar(pairs: readonly FoldedPair[], far: number): ProtocolValidation {
  const counts = overFolds(pairs, (held, others) => countAccepts(held, thresholdAtFar(others, far)));
  return { ...foldMean(counts.map(validationRate)), realisedFar: foldMean(counts.map(falseAcceptRate)).mean };
}

/**
 * The most accurate threshold. Of equally accurate ones, the middle of the widest gap between two distances.
 *
 * @param pairs genuine and impostor pairs.
 * @returns a distance: pairs at most this far apart are accepted.
 *
 * @example
 * show(accuracy(countAccepts(pairs, bestThreshold(pairs))));
 */
export function bestThreshold(pairs: readonly ScoredPair[]): number {
  const sorted = [...pairs].sort((a, b) => a.distance - b.distance);
  let correct = sorted.filter(({ same }) => !same).length;
  let best = { correct, gap: 0, threshold: (sorted[0]?.distance ?? 0) - 1 };
  sorted.forEach(({ distance, same }, i) => {
    correct += same ? 1 : -1;
    const next = sorted[i + 1]?.distance ?? distance;
    const gap = next - distance;
    // No threshold separates two pairs at the same distance.
    if (gap === 0 && i + 1 < sorted.length) return;
    if (correct > best.correct || (correct === best.correct && gap > best.gap)) {
      best = { correct, gap, threshold: (distance + next) / 2 };
    }
  });
  return best.threshold;
}

/**
 * The threshold with a false-accept rate, interpolated linearly between impostor distances. A rate below one impostor
 * pair gives the largest threshold that accepts none.
 *
 * @param pairs at least one impostor pair; genuine pairs have no effect.
 * @param far the false-accept rate, 0 to 1.
 * @returns a distance: pairs at most this far apart are accepted.
 *
 * @example
 * const threshold = thresholdAtFar(pairs, 0.001);
 * show(validationRate(countAccepts(pairs, threshold)));
 */
export function thresholdAtFar(pairs: readonly ScoredPair[], far: number): number {
  const distances = sortedDistances(pairs, false);
  const position = far * distances.length;
  const below = distances[Math.floor(position) - 1];
  const above = distances[Math.floor(position)];
  if (above === undefined) return below ?? Number.NaN;
  // The next smaller floating-point number, approximately.
  if (below === undefined) return above * (1 - Number.EPSILON);
  return below + (position % 1) * (above - below);
}

/**
 * Evaluates each held-out fold with the pairs of the other folds.
 *
 * @param pairs of at least two folds.
 * @param evaluate computes the result of one fold from its pairs and the pairs of the others.
 * @returns the results, sorted by fold number.
 *
 * @example
 * const thresholds = overFolds(pairs, (_, others) => bestThreshold(others));
 * show(foldMean(thresholds).mean);
 */
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

/**
 * The mean of one value per fold, and its standard error.
 *
 * @param values the value of each fold, at least one.
 */
export function foldMean(values: readonly number[]): FoldMean {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares / (values.length - 1) / values.length) };
}
