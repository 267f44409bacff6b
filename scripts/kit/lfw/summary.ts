import type { FoldedPair } from '../../../lib/evaluation/index.ts';
import {
  accuracy,
  areaUnderCurve,
  bestThreshold,
  countAccepts,
  equalErrorRate,
  foldMean,
  overFolds,
  rocCurve,
  thresholdAtFar,
} from '../../../lib/evaluation/index.ts';

/** A pair as a system judged it; a distance of null where it saw no face in one of the photos. */
export interface JudgedPair {
  fold: number;
  same: boolean;
  a: string;
  b: string;
  distance: number | null;
}

/** The figures of a system, fractions from 0 to 1. */
export interface Summary {
  accuracy: { mean: number; se: number };
  val: { '1e-1': number; '1e-2': number; '1e-3': number };
  auc: number;
  eer: number;
}

/**
 * The figures over all pairs. One that a system could not judge, since it saw no face, is counted wrong: its pair of one
 * person is refused, its pair of two is a mistake in accuracy.
 */
export function summarise(pairs: readonly JudgedPair[]): Summary {
  const total = new Map<number, { all: number; same: number }>();
  for (const { fold, same } of pairs) {
    const counts = total.get(fold) ?? { all: 0, same: 0 };
    total.set(fold, { all: counts.all + 1, same: counts.same + (same ? 1 : 0) });
  }
  const seen = pairs.filter((pair): pair is JudgedPair & FoldedPair => pair.distance !== null);
  // With one fold there are no others to take a threshold from.
  const several = total.size > 1;
  const perFold = (
    figure: (held: FoldedPair[], others: FoldedPair[], counts: { all: number; same: number }) => number,
  ) =>
    foldMean(
      overFolds(seen, (held, others) =>
        figure(held, several ? others : held, total.get((held[0] as FoldedPair).fold) as { all: number; same: number }),
      ),
    );
  const right = perFold((held, others, { all }) => {
    const counts = countAccepts(held, bestThreshold(others));
    return (accuracy(counts) * held.length) / all;
  });
  const val = (far: number) =>
    perFold((held, others, { same }) => countAccepts(held, thresholdAtFar(others, far)).trueAccepts / same).mean;
  const curve = rocCurve(seen);
  return {
    accuracy: { mean: right.mean, se: right.standardError },
    val: { '1e-1': val(1e-1), '1e-2': val(1e-2), '1e-3': val(1e-3) },
    auc: areaUnderCurve(curve),
    eer: equalErrorRate(curve),
  };
}
