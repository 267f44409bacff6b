import { allPairsValidation } from './all-pairs.ts';
import { bootstrapIntervals, type Interval } from './bootstrap.ts';
import { type ComparedFaces, forEachImpostor, genuinePairs } from './compared-faces.ts';
import { countFaces, ImpostorPairs, impostorWeight } from './impostor-pairs.ts';
import { faceRatings, pairJudge } from './judged-pairs.ts';
import { type MeasuredRate, measuredRate, type Support, supportOf } from './measured-rate.ts';

/** A point of the detection error trade-off (DET). */
export interface DetPoint {
  /** Pairs at most this far apart match. */
  threshold: number;
  /** The false match rate (FMR): the share of impostor pairs that match. */
  fmr: number;
  /** The false non-match rate (FNMR): the share of genuine pairs that do not match. */
  fnmr: number;
  /** Whether both rates have at least 30 errors (rule of 30). */
  supported: boolean;
}

/**
 * The detection error trade-off curve of all pairs by distance: FNMR against FMR at thresholds that are the same for all pairs.
 * (ISO/IEC 19795-1)
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
    const [matches, missed] = [countUpTo(sorted, threshold), genuine.length - countUpTo(genuine, threshold)];
    const supported = [supportOf(matches, sorted.length), supportOf(missed, genuine.length)].every(
      (support) => support === 'supported',
    );
    return { threshold, fmr: matches / sorted.length, fnmr: missed / genuine.length, supported };
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
 * FNMR at false match rates among all pairs by distance, with 95 % intervals by the bootstrap over people of
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
  /** The number of faces whose quality the calibration knows. Pairs with another face are judged by distance alone. */
  rated: number;
  /** The false match rate, among all impostor pairs. */
  fmr: MeasuredRate;
  /** The false non-match rate, among all genuine pairs. Refused pairs do not match. */
  fnmr: MeasuredRate;
  /** The shares of the pairs that are refused, because both photos are too poor to be compared (`reason: 'quality'`). */
  refused: Record<'genuine' | 'impostors', MeasuredRate>;
}

/**
 * FMR and FNMR at a threshold, with 95 % intervals by the percentile bootstrap over people.
 *
 * @param compared the pairs, from {@link compareFaces}. If it was given a calibration, they are judged as `compare` does.
 * @param threshold pairs at most this far apart match; with a calibration, pairs of unknown quality.
 * @param replicates the number of bootstrap replicates, 1 or more. Default: 1000.
 *
 * @example
 * const { fmr, fnmr } = verificationErrors(compared, 0.62);
 * show(`${fmr.rate} (${fmr.low} to ${fmr.high})`, fnmr.rate);
 */
export function verificationErrors(compared: ComparedFaces, threshold: number, replicates = 1000): VerificationErrors {
  const { personOf, people, faces } = compared;
  const { rated, poor } = faceRatings(compared);
  const judge = pairJudge(compared, threshold);
  const genuine = genuinePairs(compared).map(({ a, b, distance }) => ({
    person: personOf[a] as number,
    missed: !judge(a, b, distance).same,
    refused: (poor[a] && poor[b]) ?? false,
  }));
  // Verdicts instead of distances, because each pair has a threshold of its own.
  const verdict = (a: number, b: number) => (judge(a, b, compared.distance(a, b)).same ? matched : 1);
  const positions = faces.map((_, i) => i);
  const impostors = new ImpostorPairs(positions, personOf, people, verdict);
  const poorFaces = countFaces(
    personOf.filter((_, i) => poor[i]),
    people,
  );
  const rates = ([multiplicities = new Float64Array()]: readonly Float64Array[]) => [
    impostors.weightWithin(matched, multiplicities) / impostors.totalWeight(multiplicities),
    weightedShare(genuine, 'missed', multiplicities),
    weightedShare(genuine, 'refused', multiplicities),
    impostorWeight(poorFaces, multiplicities) / impostors.totalWeight(multiplicities),
  ];
  const once = new Float64Array(people).fill(1);
  const intervals = bootstrapIntervals([people], rates, replicates);
  const count = (kind: 'missed' | 'refused') => genuine.filter((pair) => pair[kind]).length;
  const measured = (errors: number, trials: number, rate: number) =>
    measuredRate(errors, trials, intervals[rate] as Interval);
  return {
    people,
    faces: faces.length,
    rated,
    fmr: measured(impostors.weightWithin(matched, once), impostors.count, 0),
    fnmr: measured(count('missed'), genuine.length, 1),
    refused: {
      genuine: measured(count('refused'), genuine.length, 2),
      impostors: measured(impostorWeight(poorFaces, once), impostors.count, 3),
    },
  };
}

/** What stands for the distance of a pair that matches. */
const matched = 0;

/** A genuine pair by its person's number. */
interface JudgedPair {
  person: number;
  missed: boolean;
  refused: boolean;
}

function weightedShare(pairs: readonly JudgedPair[], kind: 'missed' | 'refused', multiplicities: Float64Array): number {
  let [counted, all] = [0, 0];
  for (const pair of pairs) {
    const weight = multiplicities[pair.person] as number;
    all += weight;
    if (pair[kind]) counted += weight;
  }
  return counted / all;
}
