import { euclideanDistance } from '../../lib/comparison/distance.ts';
import {
  accuracy,
  bestThreshold,
  countAccepts,
  equalErrorRate,
  type FoldedPair,
  type FoldMean,
  foldMean,
  type LabelledPair,
  rocCurve,
  type ScoredPair,
  thresholdAtFar,
} from '../../lib/evaluation/index.ts';
import { impostorPairs } from '../kit/lfw/calibration.ts';
import { photoPathsOf } from '../kit/lfw/pairs.ts';
import { hasDistance } from '../kit/lfw/summary.ts';
import { compareEmbeddings, type Embeddings } from './context.ts';

/** The figures of an experiment: means over the folds, as fractions. */
export interface Figures {
  /**
   * The accuracy of View 2: each fold at the threshold that is best on the others. Meaningful only if the same embeddings
   * are used for all folds.
   */
  accuracy: FoldMean;
  /** VAL of a fold's genuine pairs, at a false-accept rate of {@link paperFar} over all impostor pairs of its images. */
  val: FoldMean;
  /** The equal error rate over the same pairs. */
  equalErrorRate: FoldMean;
}

/** The false-accept rate at which the paper states VAL. */
export const paperFar = 1e-3;

/** The maximum number of impostor pairs of a fold. */
const maxImpostorPairs = 100_000;

/**
 * Measures embeddings fold by fold.
 *
 * @param embeddings those of all images, or a function that returns those to measure a fold with, such as the output of a
 * head that was trained on the other folds.
 */
export function measure(
  pairs: readonly LabelledPair[],
  embeddings: Embeddings | ((fold: number) => Embeddings),
): Figures {
  const folds = [...new Set(pairs.map(({ fold }) => fold))].map((fold) => {
    const own = pairs.filter((pair) => pair.fold === fold);
    const used = typeof embeddings === 'function' ? embeddings(fold) : embeddings;
    return { pairs: own, scored: scoredPairs(own, used), impostors: impostorPairsOf(own, used) };
  });
  const rows = folds.map(({ pairs, scored, impostors }, i) => {
    const genuine = scored.filter((pair) => pair.same);
    const best = bestThreshold(folds.filter((_, other) => other !== i).flatMap((other) => other.scored));
    const { trueAccepts } = countAccepts(genuine, thresholdAtFar(impostors, paperFar));
    // A face that was not found counts as an error.
    return {
      accuracy: (accuracy(countAccepts(scored, best)) * scored.length) / pairs.length,
      val: trueAccepts / pairs.filter((pair) => pair.same).length,
      equalErrorRate: equalErrorRate(rocCurve([...genuine, ...impostors])),
    };
  });
  return {
    accuracy: foldMean(rows.map(({ accuracy }) => accuracy)),
    val: foldMean(rows.map(({ val }) => val)),
    equalErrorRate: foldMean(rows.map(({ equalErrorRate }) => equalErrorRate)),
  };
}

/** The pairs in which both faces were found. */
export function scoredPairs(pairs: readonly LabelledPair[], embeddings: Embeddings): FoldedPair[] {
  return compareEmbeddings(pairs, embeddings).filter(hasDistance);
}

/** All impostor pairs of the images of some pairs, or an even sample of {@link maxImpostorPairs}. */
export function impostorPairsOf(pairs: readonly LabelledPair[], embeddings: Embeddings): ScoredPair[] {
  const own = new Map(photoPathsOf(pairs).map((path) => [path, embeddings.get(path)]));
  return impostorPairs(own, euclideanDistance, maxImpostorPairs);
}
