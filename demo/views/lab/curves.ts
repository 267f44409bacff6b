import { logistic } from '../../../lib/core/math.ts';
import measured from './accuracy.json';

/** VAL with its 95 % interval, 0 to 1; NaN or null if there are too few pairs for the false-accept rate. */
export interface IntervalRate {
  val: number;
  low: number;
  high: number;
}

/** The accuracy of a system. Rates and shares are 0 to 1. */
export interface MeasuredSystem {
  /** By View 2, which lists 300 different-person pairs per fold. */
  accuracy: { mean: number; se: number };
  val: { '1e-1': number; '1e-2': number; '1e-3': number };
  /** Among all different-person pairs that the photos form. */
  allPairs?: { impostorPairs: number; val: { '1e-3': IntervalRate; '1e-4': IntervalRate } };
  auc: number;
  eer: number;
}

/** A preset's accuracy, as `npm run evaluate -- --write` writes it. */
export interface MeasuredPreset extends MeasuredSystem {
  pairs: number;
  images: number;
  ece: number;
  counted: { same: number; different: number };
  /** For each distance, the shares of same-person pairs (VAL) and different-person pairs (FAR) within it. */
  curve: [distance: number, val: number, far: number][];
}

/** The measured presets, the default first. */
export const measuredPresets = Object.entries(measured.presets as unknown as Record<string, MeasuredPreset>);

/** Other libraries on the same photos. A pair with a photo in which they find no face counts as an error. */
export const measuredPeers = Object.entries(measured.peers as unknown as Record<string, MeasuredSystem>);

/** The minimum number of false accepts at a point of the ROC. With fewer, the curve is noise. */
const minFalseAccepts = 10;

/** The receiver operating characteristic as points of (FAR, VAL), down to {@link minFalseAccepts}. */
export function rocOf({ curve, counted }: MeasuredPreset): { far: number; val: number }[] {
  return curve.filter(([, , far]) => far * counted.different >= minFalseAccepts).map(([, val, far]) => ({ far, val }));
}

/**
 * VAL at a false-accept rate among all different-person pairs: the measured value, or else interpolated over the logarithm
 * of the rate, where the curve is nearly linear.
 */
export function valAtFar(preset: MeasuredPreset, far: number): number {
  if (preset.allPairs && far === 1e-3) return preset.allPairs.val['1e-3'].val;
  if (preset.allPairs && far === 1e-4) return preset.allPairs.val['1e-4'].val;
  const roc = rocOf(preset);
  const after = roc.findIndex((point) => point.far >= far);
  const [a, b] = [roc[after - 1], roc[after]];
  if (!a || !b) return Number.NaN;
  const share = Math.log(far / a.far) / Math.log(b.far / a.far);
  return a.val + share * (b.val - a.val);
}

/** VAL at a distance threshold, interpolated linearly. */
export function valWithin(distance: number, { curve }: MeasuredPreset): number {
  const after = curve.findIndex(([d]) => d >= distance);
  const [a, b] = [curve[after - 1], curve[after]];
  if (after < 0) return 1;
  if (!a || !b) return b?.[1] ?? 0;
  return a[1] + ((distance - a[0]) / (b[0] - a[0])) * (b[1] - a[1]);
}

/** The distributions of distances: for each step of distance, the shares of same-person and different-person pairs. */
export function densities({ curve }: MeasuredPreset): { distance: number; same: number; different: number }[] {
  return curve.map(([distance, val, far], i) => {
    const [, valBefore, farBefore] = curve[i - 1] ?? [0, 0, 0];
    return { distance, same: val - valBefore, different: far - farBefore };
  });
}

/** The calibrated probability of the same person at a distance, for even prior odds: a logistic function. */
export function probabilityOfSame(distance: number, [a, b]: readonly [number, number]): number {
  return logistic(a + b * distance);
}
