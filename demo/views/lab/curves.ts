import measured from './accuracy.json';

/** What `npm run evaluate -- --curves` measured of a preset; shares are 0 to 1. */
export interface MeasuredPreset {
  pairs: number;
  images: number;
  accuracy: { mean: number; se: number };
  val: { '1e-1': number; '1e-2': number; '1e-3': number };
  auc: number;
  eer: number;
  ece: number;
  counted: { same: number; different: number };
  /** For each distance the share of pairs of one person, and of two people, that lies within it. */
  curve: [distance: number, val: number, far: number][];
}

/** The presets that were measured, the default first. */
export const measuredPresets = Object.entries(measured.presets as unknown as Record<string, MeasuredPreset>);

/** Below this false-accept rate so few strangers are left that a curve would be noise. */
const fewestStrangers = 10;

/** The receiver operating characteristic as points of (FAR, VAL), as far down as enough strangers were counted. */
export function rocOf({ curve, counted }: MeasuredPreset): { far: number; val: number }[] {
  return curve.filter(([, , far]) => far * counted.different >= fewestStrangers).map(([, val, far]) => ({ far, val }));
}

/** VAL at the distance of a threshold, between two measured distances by straight line. */
export function valWithin(distance: number, { curve }: MeasuredPreset): number {
  const after = curve.findIndex(([d]) => d >= distance);
  const [a, b] = [curve[after - 1], curve[after]];
  if (after < 0) return 1;
  if (!a || !b) return b?.[1] ?? 0;
  return a[1] + ((distance - a[0]) / (b[0] - a[0])) * (b[1] - a[1]);
}

/** How pairs of one person and of two lie over the distance: the share in each step. */
export function densities({ curve }: MeasuredPreset): { distance: number; same: number; different: number }[] {
  return curve.map(([distance, val, far], i) => {
    const [, valBefore, farBefore] = curve[i - 1] ?? [0, 0, 0];
    return { distance, same: val - valBefore, different: far - farBefore };
  });
}

/** The probability that the calibration states for a distance, at even prior: a logistic curve. */
export function probabilityOfSame(distance: number, [a, b]: readonly [number, number]): number {
  return 1 / (1 + Math.exp(-(a + b * distance)));
}
