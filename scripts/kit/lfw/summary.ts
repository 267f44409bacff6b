import {
  accuracy,
  areaUnderCurve,
  bestThreshold,
  countAccepts,
  equalErrorRate,
  type FoldedPair,
  foldMean,
  type LabelledPair,
  overFolds,
  photoPath,
  rocCurve,
  thresholdAtFar,
} from '../../../lib/evaluation/index.ts';

/** A pair of the protocol with its distance; null if a face was not found in one of the photos. */
export interface ComparedPair {
  fold: number;
  same: boolean;
  /** The paths of the photos. */
  a: string;
  b: string;
  distance: number | null;
}

/** The figures of the LFW protocol, as fractions. */
export interface Summary {
  /** The mean accuracy of the folds, and its standard error. */
  accuracy: { mean: number; se: number };
  /** The validation rate at each false-accept rate. */
  val: { '1e-1': number; '1e-2': number; '1e-3': number };
  /** The area under the ROC curve. */
  auc: number;
  /** The equal error rate. */
  eer: number;
}

/**
 * Computes the distance of each pair.
 *
 * @param results by photo path; undefined or null if no face was found.
 */
export function comparePairs<Result>(
  pairs: readonly LabelledPair[],
  results: { get(path: string): Result | null | undefined },
  distance: (a: Result, b: Result) => number,
): ComparedPair[] {
  const paths = pairs.map(({ fold, same, a, b }) => ({ fold, same, a: photoPath(a), b: photoPath(b) }));
  return comparePaths(paths, results, distance);
}

/** {@link comparePairs} for pairs of paths. */
export function comparePaths<Result>(
  pairs: readonly Omit<ComparedPair, 'distance'>[],
  results: { get(path: string): Result | null | undefined },
  distance: (a: Result, b: Result) => number,
): ComparedPair[] {
  return pairs.map(({ fold, same, a, b }) => {
    const [x, y] = [results.get(a), results.get(b)];
    return { fold, same, a, b, distance: x && y ? distance(x, y) : null };
  });
}

/** Whether both faces of a pair were found. */
export function hasDistance(pair: ComparedPair): pair is ComparedPair & FoldedPair {
  return pair.distance !== null;
}

/**
 * The figures over all pairs. A pair without a distance counts as an error: a genuine pair as rejected, an impostor pair as
 * accepted.
 */
export function summarise(pairs: readonly ComparedPair[]): Summary {
  const totals = new Map<number, { all: number; same: number }>();
  for (const { fold, same } of pairs) {
    const counts = totals.get(fold) ?? { all: 0, same: 0 };
    totals.set(fold, { all: counts.all + 1, same: counts.same + (same ? 1 : 0) });
  }
  const compared = pairs.filter(hasDistance);
  // A single fold has no others to take a threshold from.
  const hasOthers = totals.size > 1;
  const perFold = (
    figure: (held: FoldedPair[], others: FoldedPair[], counts: { all: number; same: number }) => number,
  ) =>
    foldMean(
      overFolds(compared, (held, others) => {
        const counts = totals.get((held[0] as FoldedPair).fold) as { all: number; same: number };
        return figure(held, hasOthers ? others : held, counts);
      }),
    );
  const correct = perFold((held, others, { all }) => {
    const counts = countAccepts(held, bestThreshold(others));
    return (accuracy(counts) * held.length) / all;
  });
  const val = (far: number) =>
    perFold((held, others, { same }) => countAccepts(held, thresholdAtFar(others, far)).trueAccepts / same).mean;
  const curve = rocCurve(compared);
  return {
    accuracy: { mean: correct.mean, se: correct.standardError },
    val: { '1e-1': val(1e-1), '1e-2': val(1e-2), '1e-3': val(1e-3) },
    auc: areaUnderCurve(curve),
    eer: equalErrorRate(curve),
  };
}
