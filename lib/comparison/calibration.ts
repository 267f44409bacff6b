import { FaceNetError } from '../core/errors.ts';
import { logistic } from '../core/math.ts';
import type { Calibration } from '../core/types.ts';

/**
 * The probability that two faces at a distance are the same person, at even prior: with as many genuine pairs as
 * impostor pairs.
 *
 * @returns 0 to 1, decreasing with the distance.
 */
export function probabilityAt(distance: number, { logOdds: [a, b] }: Calibration): number {
  return logistic(a + b * distance);
}

/**
 * The distance threshold for a false-accept rate. Between two fitted rates the distance is interpolated over the
 * logarithm of the rate, where the tail of the impostor distances is nearly linear.
 *
 * @param far the share of impostor pairs that is accepted.
 * @throws {FaceNetError} `option-invalid` for a rate outside the fitted range.
 */
export function thresholdFor(far: number, { thresholds }: Calibration): number {
  const after = thresholds.findIndex((fitted) => fitted.far <= far);
  const b = thresholds[after];
  const a = thresholds[after - 1] ?? (b?.far === far ? b : undefined);
  if (!a || !b) {
    const [max, min] = [thresholds[0]?.far, thresholds.at(-1)?.far];
    throw new FaceNetError('option-invalid', `far is ${far}: use a number from ${min} to ${max}.`);
  }
  if (a === b) return b.distance;
  const share = Math.log(far / a.far) / Math.log(b.far / a.far);
  return a.distance + share * (b.distance - a.distance);
}
