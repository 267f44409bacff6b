import { logistic } from '../core/math.ts';
import type { Calibration } from '../core/types.ts';
import { thresholdAtFar } from './protocol.ts';
import type { ScoredPair } from './scores.ts';

/** The false-accept rates at which thresholds are fitted. */
const fittedRates = [0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5];

/** The minimum number of false accepts at a threshold. A rate estimated from fewer is too uncertain. */
export const minFalseAccepts = 10;

/**
 * Fits a calibration. Probabilities come from logistic regression on the distance, with equal total weights of genuine
 * and impostor pairs. Thresholds are empirical quantiles of the impostor distances.
 *
 * @param pairs genuine and impostor pairs. Low false-accept rates need many impostor pairs: a rate is fitted if at
 *   least ten are expected below its threshold.
 * @returns the calibration, as a part of a comparison rule.
 *
 * @example
 * const rule = { ...facenet.rule, calibration: fitCalibration(pairs) };
 * const gallery = await Gallery.open({ name: 'calibrated here', facenet: { rule } });
 */
export function fitCalibration(pairs: readonly ScoredPair[]): Calibration {
  const impostors = pairs.filter(({ same }) => !same).length;
  return {
    logOdds: fitLogistic(pairs),
    thresholds: fittedRates
      .filter((far) => far * impostors >= minFalseAccepts)
      .map((far) => ({ far, distance: thresholdAtFar(pairs, far) })),
  };
}

/** Logistic regression of `same` on the distance by Newton's method, which converges in a few steps. */
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
 * The expected calibration error: pairs are binned by probability into bins of equal width; the absolute difference of
 * mean probability and share of genuine pairs is averaged over the bins, weighted by their sizes. (Guo et al., "On
 * Calibration of Modern Neural Networks", ICML 2017, section 2)
 *
 * @param pairs as many genuine as impostor pairs, since probabilities are stated at even prior.
 * @param binCount the number of bins, 1 or more. Default: 15.
 * @returns 0 (of the pairs at 80 %, 80 in 100 are genuine) to 1.
 *
 * @example
 * const judged = [
 *   { probability: 0.9, same: true },
 *   { probability: 0.2, same: false },
 * ];
 * console.log(expectedCalibrationError(judged)); // 0.15
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
  // The weight of a bin is count / total and its gap |difference| / count, so the count cancels.
  return bins.reduce((sum, { probability, same }) => sum + Math.abs(probability - same), 0) / pairs.length;
}
