import { seeded } from '../../core/random.ts';
import { squaredDistance } from '../../core/vectors.ts';
import { equalErrorRate, rocCurve, type ScoredPair } from '../../evaluation/index.ts';
import type { PersonLabel } from '../triplets/triplets.ts';
import type { HeadValidation } from './types.ts';

/** The most pairs of two people that are compared: enough to calibrate a false-accept rate of one in ten thousand. */
const mostStrangers = 200_000;

/**
 * All pairs of embeddings with their Euclidean distances; of many pairs of two people a random part.
 *
 * @param units of length 1.
 * @param labels whose each of them is.
 * @param most the most pairs of two people.
 */
export function scoredPairs(
  units: readonly ArrayLike<number>[],
  labels: readonly PersonLabel[],
  most = mostStrangers,
): ScoredPair[] {
  const all = (units.length * (units.length - 1)) / 2;
  const random = seeded(1);
  const pairs: ScoredPair[] = [];
  units.forEach((a, i) => {
    for (let j = i + 1; j < units.length; j++) {
      const same = labels[i] === labels[j];
      if (!same && all > most && random() >= most / all) continue;
      pairs.push({ same, distance: Math.sqrt(squaredDistance(a, units[j] as ArrayLike<number>)) });
    }
  });
  return pairs;
}

/** How well pairs are told apart. @param pairs at least one of one person and one of two. */
export function validate(pairs: readonly ScoredPair[]): HeadValidation {
  const [same, different] = [moments(pairs, true), moments(pairs, false)];
  const deviation = Math.sqrt((same.variance + different.variance) / 2);
  return {
    decidability: (different.mean - same.mean) / Math.max(deviation, 1e-12),
    equalErrorRate: equalErrorRate(rocCurve(pairs)),
  };
}

function moments(pairs: readonly ScoredPair[], kind: boolean): { mean: number; variance: number } {
  const distances = pairs.filter(({ same }) => same === kind).map(({ distance }) => distance);
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
  const variance = distances.reduce((sum, distance) => sum + (distance - mean) ** 2, 0) / distances.length;
  return { mean, variance };
}
