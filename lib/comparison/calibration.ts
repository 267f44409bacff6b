import { FaceNetError } from '../core/errors.ts';
import { logistic } from '../core/math.ts';
import type { Calibration } from '../core/types.ts';

/**
 * The probability that two faces at a distance are of one person, when as many pairs are of one person as of two.
 *
 * @returns 0 to 1; it falls as the distance grows.
 */
export function probabilityAt(distance: number, { logOdds: [a, b] }: Calibration): number {
  return logistic(a + b * distance);
}

/**
 * The distance up to which a share of strangers is accepted; between two fitted shares the distance is interpolated over the
 * logarithm of the share, in which the tail of strangers is nearly straight.
 *
 * @param far the false-accept rate asked for: a share of all pairs of two people.
 * @throws {FaceNetError} `option-invalid` beyond what the calibration was fitted for.
 */
export function thresholdFor(far: number, { thresholds }: Calibration): number {
  const after = thresholds.findIndex((fitted) => fitted.far <= far);
  const b = thresholds[after];
  const a = thresholds[after - 1] ?? (b?.far === far ? b : undefined);
  if (!a || !b) {
    const [most, least] = [thresholds[0]?.far, thresholds.at(-1)?.far];
    throw new FaceNetError('option-invalid', `far is ${far}: use a number from ${least} to ${most}.`);
  }
  if (a === b) return b.distance;
  const share = Math.log(far / a.far) / Math.log(b.far / a.far);
  return a.distance + share * (b.distance - a.distance);
}
