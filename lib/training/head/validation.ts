import { seeded } from '../../core/random.ts';
import { squaredDistance } from '../../core/vectors.ts';
import { equalErrorRate, rocCurve } from '../../evaluation/roc.ts';
import type { ScoredPair } from '../../evaluation/scores.ts';
import type { PersonLabel } from '../triplets/triplets.ts';
import type { HeadValidation } from './types.ts';

/** The default maximum of different-person pairs: enough to calibrate a false-accept rate of 1 in 10,000. */
const defaultMaxDifferent = 200_000;

/** Keeps the decidability finite for pairs without variance. */
const minDeviation = 1e-12;

/**
 * All pairs of embeddings with their Euclidean distances. Different-person pairs are sampled at random when there are too many.
 *
 * @param units L2-normalised embeddings.
 * @param labels the person of each embedding.
 * @param maxDifferent the approximate maximum number of different-person pairs.
 */
export function scoredPairs(
  units: readonly ArrayLike<number>[],
  labels: readonly PersonLabel[],
  maxDifferent = defaultMaxDifferent,
): ScoredPair[] {
  const total = (units.length * (units.length - 1)) / 2;
  const random = seeded(1);
  const pairs: ScoredPair[] = [];
  units.forEach((a, i) => {
    for (let j = i + 1; j < units.length; j++) {
      const same = labels[i] === labels[j];
      if (!same && total > maxDifferent && random() >= maxDifferent / total) continue;
      pairs.push({ same, distance: Math.sqrt(squaredDistance(a, units[j] as ArrayLike<number>)) });
    }
  });
  return pairs;
}

/** Measures how well distances separate pairs. @param pairs at least one same-person and one different-person pair. */
export function validate(pairs: readonly ScoredPair[]): HeadValidation {
  const [same, different] = [moments(pairs, true), moments(pairs, false)];
  const deviation = Math.sqrt((same.variance + different.variance) / 2);
  return {
    decidability: (different.mean - same.mean) / Math.max(deviation, minDeviation),
    equalErrorRate: equalErrorRate(rocCurve(pairs)),
  };
}

function moments(pairs: readonly ScoredPair[], same: boolean): { mean: number; variance: number } {
  const distances = pairs.filter((pair) => pair.same === same).map(({ distance }) => distance);
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
  const variance = distances.reduce((sum, distance) => sum + (distance - mean) ** 2, 0) / distances.length;
  return { mean, variance };
}
