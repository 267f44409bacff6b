import { type ScoredPair, sortedDistances } from './scores.ts';

/** A point of the receiver operating characteristic. */
export interface RocPoint {
  /** Pairs at most this far apart are accepted. */
  threshold: number;
  /** FAR: the share of impostor pairs that is accepted, 0 to 1. */
  falseAcceptRate: number;
  /** VAL: the share of genuine pairs that is accepted, 0 to 1. */
  validationRate: number;
}

/**
 * The receiver operating characteristic (ROC), with a point for each distinct distance.
 *
 * @param pairs at least one genuine and one impostor pair.
 * @returns the points by ascending threshold. The first one accepts nothing, at −Infinity; the last one accepts all.
 *
 * @example
 * const { distance } = facenet.compare(face, probe);
 * const curve = rocCurve([
 *   { distance, same: false },
 *   { distance: 0, same: true },
 * ]);
 * show(areaUnderCurve(curve), equalErrorRate(curve));
 */
export function rocCurve(pairs: readonly ScoredPair[]): RocPoint[] {
  const same = sortedDistances(pairs, true);
  const different = sortedDistances(pairs, false);
  const points: RocPoint[] = [{ threshold: Number.NEGATIVE_INFINITY, falseAcceptRate: 0, validationRate: 0 }];
  let accepted = 0;
  let falselyAccepted = 0;
  for (const threshold of new Float64Array([...new Set([...same, ...different])]).sort()) {
    while (accepted < same.length && (same[accepted] as number) <= threshold) accepted++;
    while (falselyAccepted < different.length && (different[falselyAccepted] as number) <= threshold) falselyAccepted++;
    points.push({
      threshold,
      falseAcceptRate: falselyAccepted / different.length,
      validationRate: accepted / same.length,
    });
  }
  return points;
}

/**
 * The area under the ROC curve by the trapezoidal rule: the probability that a genuine pair is nearer than an impostor
 * pair, a tie counts half.
 *
 * @param curve of {@link rocCurve}.
 * @returns 0 to 1; 0.5 is chance level.
 */
export function areaUnderCurve(curve: readonly RocPoint[]): number {
  let area = 0;
  curve.slice(1).forEach(({ falseAcceptRate, validationRate }, i) => {
    const before = curve[i] as RocPoint;
    area += ((falseAcceptRate - before.falseAcceptRate) * (validationRate + before.validationRate)) / 2;
  });
  return area;
}

/**
 * The equal error rate: the rate at which false accepts and false rejects are equal (FAR = 1 − VAL), interpolated
 * linearly between the two adjacent points.
 *
 * @param curve of {@link rocCurve}.
 * @returns 0 to 1.
 */
export function equalErrorRate(curve: readonly RocPoint[]): number {
  const excess = ({ falseAcceptRate, validationRate }: RocPoint) => falseAcceptRate + validationRate - 1;
  const after = curve.findIndex((point) => excess(point) >= 0);
  const [a, b] = [curve[after - 1], curve[after]];
  if (!a || !b) return Number.NaN;
  const share = excess(a) / (excess(a) - excess(b));
  return a.falseAcceptRate + share * (b.falseAcceptRate - a.falseAcceptRate);
}
