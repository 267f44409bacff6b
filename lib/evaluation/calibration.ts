import { logistic } from '../core/math.ts';
import type { Calibration } from '../core/types.ts';
import { thresholdAtFar } from './protocol.ts';
import type { ScoredPair } from './scores.ts';

/** The false-accept rates for which thresholds are fitted. */
const fittedRates = [0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5];

/** How many strangers nearer than the threshold make a rate trustworthy. */
const fewestStrangers = 10;

/**
 * Fits what distances mean: the probability by logistic regression on the distance, pairs of one person and of two weighing
 * the same in all, whatever their numbers; the thresholds by counting strangers.
 *
 * @param pairs pairs of one person and of two; better many more of two, since rare accepts need many chances.
 */
export function fitCalibration(pairs: readonly ScoredPair[]): Calibration {
  const strangers = pairs.filter(({ same }) => !same).length;
  return {
    logOdds: fitLogistic(pairs),
    thresholds: fittedRates
      .filter((far) => far * strangers >= fewestStrangers)
      .map((far) => ({ far, distance: thresholdAtFar(pairs, far) })),
  };
}

/** Logistic regression of `same` on the distance by Newton's method; it converges in a handful of steps. */
function fitLogistic(pairs: readonly ScoredPair[]): [number, number] {
  const sameCount = pairs.filter(({ same }) => same).length;
  const weights = { same: 0.5 / sameCount, different: 0.5 / (pairs.length - sameCount) };
  let [a, b] = [0, 0];
  for (let step = 0; step < 50; step++) {
    let [ga, gb, haa, hab, hbb] = [0, 0, 1e-12, 0, 1e-12];
    for (const { distance, same } of pairs) {
      const weight = same ? weights.same : weights.different;
      const probability = logistic(a + b * distance);
      const residual = weight * ((same ? 1 : 0) - probability);
      const curvature = weight * probability * (1 - probability);
      ga += residual;
      gb += residual * distance;
      haa += curvature;
      hab += curvature * distance;
      hbb += curvature * distance * distance;
    }
    const determinant = haa * hbb - hab * hab;
    const [da, db] = [(hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant];
    a += da;
    b += db;
    if (Math.abs(da) + Math.abs(db) < 1e-9) break;
  }
  return [a, b];
}

/**
 * The expected calibration error: pairs are put into bins of equal width by their probability, and the difference of mean
 * probability and share of one person is averaged over the bins by their numbers. (Guo et al., "On Calibration of Modern
 * Neural Networks", ICML 2017, section 2)
 *
 * @param pairs as many of one person as of two, since the probability is stated at even prior.
 * @returns 0 (what is called 80 % likely is true 80 times in 100) to 1.
 */
export function expectedCalibrationError(
  pairs: readonly { probability: number; same: boolean }[],
  binCount = 15,
): number {
  const bins = Array.from({ length: binCount }, () => ({ probability: 0, same: 0 }));
  for (const { probability, same } of pairs) {
    const bin = bins[Math.min(binCount - 1, Math.floor(probability * binCount))] as (typeof bins)[number];
    bin.probability += probability;
    bin.same += same ? 1 : 0;
  }
  // A bin's share times its gap: the count cancels out.
  return bins.reduce((sum, { probability, same }) => sum + Math.abs(probability - same), 0) / pairs.length;
}
