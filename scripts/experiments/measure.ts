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
  photoPath,
  rocCurve,
  type ScoredPair,
  thresholdAtFar,
} from '../../lib/evaluation/index.ts';
import { type Embeddings, judge } from './lab.ts';

/** What an experiment measures of embeddings; fractions from 0 to 1, over the folds. */
export interface Figures {
  /**
   * Accuracy by View 2: each fold by the threshold that is best on the others. It means something only where all folds are scored by the
   * same embeddings.
   */
  accuracy: FoldMean;
  /** VAL of each fold's pairs where one in 1,000 of all strangers of its own images is accepted: a point of its ROC curve. */
  val: FoldMean;
  /** The equal error rate of each fold's pairs of one person and all strangers of its images. */
  equalErrorRate: FoldMean;
}

/** The false-accept rate at which the paper states VAL. */
export const paperFar = 1e-3;

/** The most pairs of strangers that a threshold is taken from. */
const mostStrangers = 100_000;

/**
 * Measures embeddings by the protocol's folds.
 *
 * @param embeddings those of all images, or what gives those by which a fold is judged, as a head that the others have trained.
 */
export function measure(
  pairs: readonly LabelledPair[],
  embeddings: Embeddings | ((fold: number) => Embeddings),
): Figures {
  const folds = [...new Set(pairs.map(({ fold }) => fold))].map((fold) => {
    const own = pairs.filter((pair) => pair.fold === fold);
    const made = typeof embeddings === 'function' ? embeddings(fold) : embeddings;
    return { pairs: own, scored: scored(own, made), strangers: strangersOf(own, made) };
  });
  const rows = folds.map(({ pairs, scored, strangers }, i) => {
    const same = scored.filter((pair) => pair.same);
    const best = bestThreshold(folds.filter((_, other) => other !== i).flatMap((other) => other.scored));
    // A face that was not found counts as an error.
    return {
      accuracy: (accuracy(countAccepts(scored, best)) * scored.length) / pairs.length,
      val:
        countAccepts(same, thresholdAtFar(strangers, paperFar)).trueAccepts / pairs.filter((pair) => pair.same).length,
      equalErrorRate: equalErrorRate(rocCurve([...same, ...strangers])),
    };
  });
  return {
    accuracy: foldMean(rows.map(({ accuracy }) => accuracy)),
    val: foldMean(rows.map(({ val }) => val)),
    equalErrorRate: foldMean(rows.map(({ equalErrorRate }) => equalErrorRate)),
  };
}

/** The pairs whose faces were both found, with their distances. */
export function scored(pairs: readonly LabelledPair[], embeddings: Embeddings): FoldedPair[] {
  return judge(pairs, embeddings).filter((pair): pair is typeof pair & FoldedPair => pair.distance !== null);
}

/** All pairs of two people that the images of some pairs make; of many a part, evenly. */
export function strangersOf(pairs: readonly LabelledPair[], embeddings: Embeddings): ScoredPair[] {
  const faces = [...new Set(pairs.flatMap(({ a, b }) => [photoPath(a), photoPath(b)]))].flatMap((path) => {
    const embedding = embeddings.get(path);
    return embedding ? [{ person: personOf(path), embedding }] : [];
  });
  const step = Math.max(1, Math.ceil((faces.length * (faces.length - 1)) / 2 / mostStrangers));
  const made: ScoredPair[] = [];
  let next = 0;
  faces.forEach((a, i) => {
    for (let j = i + 1; j < faces.length; j++) {
      const b = faces[j] as typeof a;
      if (next++ % step !== 0 || a.person === b.person) continue;
      made.push({ same: false, distance: euclideanDistance(a.embedding, b.embedding) });
    }
  });
  return made;
}

/** Whom a photo shows, by LFW's naming. */
export function personOf(path: string): string {
  return path.split('/')[0] as string;
}
