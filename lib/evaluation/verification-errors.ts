import { allPairsValidation } from './all-pairs.ts';
import { bootstrapIntervals, type Interval } from './bootstrap.ts';
import { type ComparedFaces, type FacePair, forEachImpostor, genuinePairs } from './compared-faces.ts';
import { ImpostorPairs } from './impostor-pairs.ts';
import { type MeasuredRate, measuredRate, type Support, supportOf } from './measured-rate.ts';

/** A point of the detection error trade-off (DET). */
export interface DetPoint {
  /** Pairs at most this far apart match. */
  threshold: number;
  /** The false match rate (FMR): the share of impostor pairs that match. */
  fmr: number;
  /** The false non-match rate (FNMR): the share of genuine pairs that do not match. */
  fnmr: number;
}

/**
 * The detection error trade-off curve of all pairs: FNMR against FMR. (ISO/IEC 19795-1)
 *
 * @param compared the pairs, from {@link compareFaces}.
 * @param points the maximum number of points, 2 or more. Default: 200. They are spread evenly over the logarithm of FMR, because there are
 *   millions of impostor pairs.
 * @returns the points by ascending FMR, from the first false match on; empty without genuine or impostor pairs.
 */
export function detCurve(compared: ComparedFaces, points = 200): DetPoint[] {
  const impostors: number[] = [];
  forEachImpostor(compared, (distance) => impostors.push(distance));
  const sorted = Float64Array.from(impostors).sort();
  const genuine = Float64Array.from(genuinePairs(compared), ({ distance }) => distance).sort();
  if (sorted.length === 0 || genuine.length === 0) return [];
  const counts = new Set(
    Array.from({ length: points }, (_, i) => Math.round(sorted.length ** (i / Math.max(1, points - 1)))),
  );
  return [...counts].map((count) => {
    const threshold = sorted[count - 1] as number;
    const missed = genuine.length - countUpTo(genuine, threshold);
    return { threshold, fmr: countUpTo(sorted, threshold) / sorted.length, fnmr: missed / genuine.length };
  });
}

/** The number of elements of a sorted list that are at most a limit. */
function countUpTo(sorted: Float64Array, limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** FNMR at the threshold of a false match rate. */
export interface FnmrAtFmr {
  /** The false match rate, above 0 and below 1. */
  fmr: number;
  /** The threshold at which impostor pairs match at this rate. */
  threshold: number;
  /** FNMR there. Its rate is NaN if fewer than ten false matches are expected. */
  fnmr: MeasuredRate;
  /** Whether the impostor pairs support the false match rate: 30 of them match. */
  fmrSupport: Support;
}

/**
 * FNMR at false match rates among all pairs, with 95 % intervals by the bootstrap over people of
 * {@link allPairsValidation}: each replicate has a threshold of its own.
 *
 * @param compared the pairs, from {@link compareFaces}.
 * @param fmrs the false match rates, above 0 and below 1.
 * @param replicates the number of bootstrap replicates, 1 or more. Default: 1000.
 *
 * @example
 * for (const { fmr, fnmr, fmrSupport } of fnmrAtFmr(compared, [1e-3, 1e-4])) show(fmr, fnmr.rate, fmrSupport);
 */
export function fnmrAtFmr(compared: ComparedFaces, fmrs: readonly number[], replicates = 1000): FnmrAtFmr[] {
  const genuine = genuinePairs(compared);
  const set = {
    faces: compared.faces.map(({ person }, i) => ({ person, embedding: i })),
    genuine: genuine.map(({ a, distance }) => ({ person: personAt(compared, a), distance })),
    distance: compared.distance,
  };
  return allPairsValidation([set], fmrs, replicates).map(
    ({ far, validationRate, low, high, thresholds, impostorPairs }) => {
      // The limit itself does not match: the threshold lies just below it.
      const threshold = (thresholds[0] as number) * (1 - Number.EPSILON);
      const errors = genuine.filter(({ distance }) => distance > threshold).length;
      const measured = measuredRate(errors, genuine.length, { low: 1 - high, high: 1 - low });
      const fnmr = { ...measured, rate: 1 - validationRate };
      return { fmr: far, threshold, fnmr, fmrSupport: supportOf(Math.floor(far * impostorPairs), impostorPairs) };
    },
  );
}

function personAt({ faces }: ComparedFaces, position: number): string {
  return faces[position]?.person as string;
}

/** The error rates of verification at one threshold. */
export interface VerificationErrors {
  /** The number of people. */
  people: number;
  /** The number of faces. */
  faces: number;
  /** The false match rate, among all impostor pairs. */
  fmr: MeasuredRate;
  /** The false non-match rate, among all genuine pairs. */
  fnmr: MeasuredRate;
}

/**
 * FMR and FNMR at a threshold, with 95 % intervals by the percentile bootstrap over people.
 *
 * @param compared the pairs, from {@link compareFaces}.
 * @param threshold pairs at most this far apart match.
 * @param replicates the number of bootstrap replicates, 1 or more. Default: 1000.
 *
 * @example
 * const { fmr, fnmr } = verificationErrors(compared, 0.62);
 * show(`${fmr.rate} (${fmr.low} to ${fmr.high})`, fnmr.rate);
 */
export function verificationErrors(compared: ComparedFaces, threshold: number, replicates = 1000): VerificationErrors {
  const { personOf, people, faces } = compared;
  const genuine = genuinePairs(compared);
  const positions = faces.map((_, i) => i);
  const impostors = new ImpostorPairs(positions, personOf, people, compared.distance);
  const rates = ([multiplicities = new Float64Array()]: readonly Float64Array[]) => [
    impostors.weightWithin(threshold, multiplicities) / impostors.totalWeight(multiplicities),
    missedShare(genuine, personOf, threshold, multiplicities),
  ];
  const once = new Float64Array(people).fill(1);
  const [fmr, fnmr] = bootstrapIntervals([people], rates, replicates) as [Interval, Interval];
  const missed = genuine.filter(({ distance }) => distance > threshold).length;
  return {
    people,
    faces: faces.length,
    fmr: measuredRate(impostors.weightWithin(threshold, once), impostors.count, fmr),
    fnmr: measuredRate(missed, genuine.length, fnmr),
  };
}

function missedShare(
  genuine: readonly FacePair[],
  personOf: readonly number[],
  threshold: number,
  multiplicities: Float64Array,
): number {
  let [missed, all] = [0, 0];
  for (const { a, distance } of genuine) {
    const weight = multiplicities[personOf[a] as number] as number;
    all += weight;
    if (distance > threshold) missed += weight;
  }
  return missed / all;
}
