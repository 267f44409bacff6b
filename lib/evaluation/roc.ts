import { type ScoredPair, sortedDistances } from './scores.ts';

/** A point of the receiver operating characteristic: what a threshold accepts. */
export interface RocPoint {
  threshold: number;
  /** FAR: the share of pairs of two people that is accepted, 0 to 1. */
  falseAcceptRate: number;
  /** VAL: the share of pairs of one person that is accepted, 0 to 1. */
  validationRate: number;
}

/**
 * The receiver operating characteristic: a point for each distance that occurs, from accepting nothing to accepting all.
 *
 * @param pairs at least one of one person and one of two people.
 * @returns the points by ascending threshold; the first accepts nothing, at a threshold of −Infinity.
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
 * The area under the ROC curve by the trapezoid rule: the probability that a pair of one person is nearer than a pair of
 * two, a tie counting half. 0 to 1; 0.5 is chance.
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
 * The equal error rate: where the curve crosses the line on which as many strangers are accepted as pairs of one person
 * are refused (FAR = 1 − VAL), interpolated between the two points that it lies between. 0 to 1.
 */
export function equalErrorRate(curve: readonly RocPoint[]): number {
  const excess = ({ falseAcceptRate, validationRate }: RocPoint) => falseAcceptRate + validationRate - 1;
  const after = curve.findIndex((point) => excess(point) >= 0);
  const [a, b] = [curve[after - 1], curve[after]];
  if (!a || !b) return Number.NaN;
  const share = excess(a) / (excess(a) - excess(b));
  return a.falseAcceptRate + share * (b.falseAcceptRate - a.falseAcceptRate);
}
