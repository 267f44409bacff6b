import { thresholdFor } from '../../lib/comparison/calibration.ts';
import type { Calibration, ConditionalCalibration, ConditionalPoint, StrangerModel } from '../../lib/core/types.ts';
import { fitCalibration, type ScoredPair } from '../../lib/evaluation/index.ts';
import { withStrangerSimilarity } from '../../lib/quality/stranger-similarity.ts';
import type { Distance } from '../kit/lfw/calibration.ts';
import { add, solve } from '../kit/linear-system.ts';
import { mean } from '../kit/statistics.ts';
import type { FaceSet, PersonFace } from './strangers.ts';

/** A pair, with the similarity that it is judged by. */
export interface RatedPair extends ScoredPair {
  similarity: number;
}

interface WeightedPair extends RatedPair {
  weight: number;
}

/** The distances of the points from the first one. */
const steps = [0, 0.025, 0.05, 0.1, 0.2, 0.3];

/**
 * The share of the pairs of strangers in unaltered photos that keep the plain threshold. The larger it is, the more strangers in
 * slightly poor photos are accepted.
 */
const clearShare = 0.95;

/**
 * The factor by which the means of poor photos are moved away from that of the clearest ones. The similarity of a face is an estimate,
 * and photos of one defect are nearer on average than those of all defects with the same estimate.
 */
const caution = 1.2;

/** The minimum difference of consecutive thresholds: more than the rounding of the points. */
const margin = 1e-3;

/** The minimum number of genuine and of impostor pairs from which a point's probability is fitted. */
const minPairs = 30;

/** A face, with its similarity to strangers. */
export interface RatedFace extends PersonFace {
  similarity: number;
}

/** The faces with the similarities that a model predicts. */
export function ratedFaces(faces: readonly PersonFace[], model: StrangerModel): RatedFace[] {
  const reference = { measure: 'magnitude', median: 0, deviation: 1, strangers: model } as const;
  return faces.map((face) => ({
    ...face,
    similarity: withStrangerSimilarity(face.quality, face.embedding, reference).strangerSimilarity as number,
  }));
}

/** All pairs of faces, with the smaller similarity to strangers. */
export function ratedPairs(faces: readonly PersonFace[], model: StrangerModel, distance: Distance): RatedPair[] {
  const rated = ratedFaces(faces, model);
  return rated.flatMap((a, i) =>
    rated.slice(i + 1).map((b) => ({
      same: a.person === b.person,
      distance: distance(a.embedding, b.embedding),
      similarity: Math.min(a.similarity, b.similarity),
    })),
  );
}

/**
 * Fits the calibration of poor photos.
 *
 * @param unaltered the faces of unaltered photos. {@link clearShare} of their pairs of strangers keep the plain threshold.
 * @param sets sets of photos with the same defects.
 */
export function fitConditional(
  unaltered: readonly PersonFace[],
  sets: readonly FaceSet[],
  { model, plain, distance }: { model: StrangerModel; plain: Calibration; distance: Distance },
): ConditionalCalibration {
  const strangers = ratedPairs(unaltered, model, distance).filter(({ same }) => !same);
  const start = quantile(
    strangers.map(({ similarity }) => similarity),
    clearShare,
  );
  const pairs = sets.flatMap(({ faces, weight }) =>
    weightedPairs(ratedPairs(faces, model, distance), weight * faces.length),
  );
  const distances = strangers.map((pair) => pair.distance);
  const reference = { mean: mean(distances), deviation: deviationOf(distances) };
  const knots = steps.map((step) => start + step);
  const points = withDescendingThresholds(fitPoints(knots, pairs, { plain, reference }), reference, plain);
  return { reference, points, limit: limitOf(points, thresholdFor(1e-2, plain)) };
}

/** Pairs with a weight such that those of strangers have the given total. */
function weightedPairs(pairs: readonly RatedPair[], total: number): WeightedPair[] {
  const count = pairs.filter(({ same }) => !same).length;
  return pairs.map((pair) => ({ ...pair, weight: total / Math.max(1, count) }));
}

/** Fits the points to pairs of all qualities. */
function fitPoints(
  knots: readonly number[],
  pairs: readonly WeightedPair[],
  { plain, reference }: { plain: Calibration; reference: ConditionalCalibration['reference'] },
): ConditionalPoint[] {
  const impostors = pairs.filter(({ same }) => !same);
  const means = fitSpline(knots, impostors, (pair) => pair.distance);
  const variances = fitSpline(
    knots,
    impostors,
    (pair) => (pair.distance - interpolate(knots, means, pair.similarity)) ** 2,
  );
  let { logOdds } = plain;
  const clearest = means[0] as number;
  return knots.map((similarity, i) => {
    // The plain threshold and probability.
    if (i === 0) return { similarity, ...reference, logOdds };
    const window = pairs.filter((pair) => nearestKnot(knots, pair.similarity) === i);
    const count = (same: boolean) => window.filter((pair) => pair.same === same).length;
    const fitted = Math.min(count(true), count(false)) >= minPairs ? fitCalibration(window).logOdds : logOdds;
    if (fitted[1] < 0) logOdds = fitted;
    const deviation = Math.sqrt(Math.max(1e-4, variances[i] as number));
    const shifted = clearest + caution * ((means[i] as number) - clearest);
    return { similarity, mean: shifted, deviation, logOdds };
  });
}

/** The similarity at which strangers are as near on average as the plain threshold for 1 %: half of them would be accepted. */
function limitOf(points: readonly ConditionalPoint[], threshold: number): number {
  const after = points.findIndex((point) => point.mean <= threshold);
  const [a, b] = [points[after - 1], points[after]];
  if (!a || !b) return (points.at(-1) as ConditionalPoint).similarity;
  return a.similarity + ((a.mean - threshold) / (a.mean - b.mean)) * (b.similarity - a.similarity);
}

/** Lowers the means until neither they nor any threshold rises with the similarity. */
function withDescendingThresholds(
  points: readonly ConditionalPoint[],
  reference: ConditionalCalibration['reference'],
  { thresholds }: Calibration,
): ConditionalPoint[] {
  const ends = [thresholds[0], thresholds.at(-1)].map(
    (end) => ((end?.distance ?? 0) - reference.mean) / reference.deviation,
  );
  const result: ConditionalPoint[] = [];
  for (const point of points) {
    const last = result.at(-1);
    const bounds = last ? [0, ...ends].map((end) => last.mean + end * (last.deviation - point.deviation) - margin) : [];
    result.push({ ...point, mean: Math.min(point.mean, ...bounds) });
  }
  return result;
}

/** A weighted least-squares fit of a piecewise linear function. */
function fitSpline(
  knots: readonly number[],
  pairs: readonly WeightedPair[],
  valueFor: (pair: WeightedPair) => number,
): Float64Array {
  // Keeps the system solvable without pairs near a knot.
  const matrix = knots.map((_, i) => Float64Array.from(knots, (_, j) => (i === j ? 1e-6 : 0)));
  const right = new Float64Array(knots.length);
  for (const pair of pairs) {
    const { before, after, share } = segmentOf(knots, pair.similarity);
    const value = valueFor(pair);
    const basis = [
      [before, 1 - share],
      [after, share],
    ] as const;
    for (const [i, own] of basis) {
      add(right, i, pair.weight * own * value);
      for (const [j, other] of basis) add(matrix[i] as Float64Array, j, pair.weight * own * other);
    }
  }
  return solve(matrix, right);
}

/** The knots about a value, and its share of the way between them. */
function segmentOf(knots: readonly number[], at: number): { before: number; after: number; share: number } {
  const next = knots.findIndex((knot) => knot > at);
  const after = next < 0 ? knots.length - 1 : Math.max(1, next);
  const before = after - 1;
  const [x, y] = [knots[before] as number, knots[after] as number];
  return { before, after, share: Math.min(1, Math.max(0, (at - x) / (y - x))) };
}

function interpolate(knots: readonly number[], values: ArrayLike<number>, at: number): number {
  const { before, after, share } = segmentOf(knots, at);
  return (values[before] as number) * (1 - share) + (values[after] as number) * share;
}

function nearestKnot(knots: readonly number[], at: number): number {
  return knots.reduce((best, knot, i) => (Math.abs(knot - at) < Math.abs((knots[best] as number) - at) ? i : best), 0);
}

function quantile(values: readonly number[], share: number): number {
  return Float64Array.from(values).sort()[Math.floor(share * (values.length - 1))] as number;
}

function deviationOf(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}
