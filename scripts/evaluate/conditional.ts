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

/** The distances of the points from the first one. */
const steps = [0, 0.05, 0.1, 0.2, 0.3];

/** The share of the pairs of unaltered photos that the plain calibration applies to without a change. */
const clearShare = 0.75;

/** The minimum number of genuine and of impostor pairs from which a point's probability is fitted. */
const minPairs = 30;

/** All pairs of faces, with the smaller similarity to strangers. */
export function ratedPairs(faces: readonly PersonFace[], model: StrangerModel, distance: Distance): RatedPair[] {
  const reference = { measure: 'magnitude', median: 0, deviation: 1, strangers: model } as const;
  const similarities = faces.map(
    ({ embedding, quality }) => withStrangerSimilarity(quality, embedding, reference).strangerSimilarity as number,
  );
  return faces.flatMap((a, i) =>
    faces.slice(i + 1).map((b, k) => ({
      same: a.person === b.person,
      distance: distance(a.embedding, b.embedding),
      similarity: Math.min(similarities[i] as number, similarities[i + 1 + k] as number),
    })),
  );
}

/**
 * Fits the calibration of poor photos.
 *
 * @param unaltered the faces of clear photos, which give the first point.
 * @param degraded sets of photos with the same defects.
 * @param plain the calibration of clear photos.
 */
export function fitConditional(
  unaltered: readonly PersonFace[],
  degraded: readonly FaceSet[],
  { model, plain, distance }: { model: StrangerModel; plain: Calibration; distance: Distance },
): ConditionalCalibration {
  const clear = ratedPairs(unaltered, model, distance);
  const start = quantile(
    clear.map(({ similarity }) => similarity),
    clearShare,
  );
  const knots = steps.map((step) => start + step);
  const pairs = degraded.flatMap(({ faces, weight }) =>
    ratedPairs(faces, model, distance).map((pair) => ({ ...pair, weight })),
  );
  const impostors = pairs.filter(({ same, similarity }) => !same && similarity > start);
  const strangers = clear.filter(({ same }) => !same).map((pair) => pair.distance);
  const first = { mean: mean(strangers), deviation: deviationOf(strangers) };
  const means = fitSpline(knots, first.mean, impostors, (pair) => pair.distance);
  const variances = fitSpline(
    knots,
    first.deviation ** 2,
    impostors,
    (pair) => (pair.distance - interpolate(knots, means, pair.similarity)) ** 2,
  );
  const points = knots.map((similarity, i): ConditionalPoint => {
    const window = pairs.filter((pair) => nearestKnot(knots, pair.similarity) === i);
    const count = (same: boolean) => window.filter((pair) => pair.same === same).length;
    const enough = i > 0 && Math.min(count(true), count(false)) >= minPairs;
    return {
      similarity,
      mean: means[i] as number,
      deviation: Math.sqrt(Math.max(1e-4, variances[i] as number)),
      logOdds: enough ? fitCalibration(window).logOdds : plain.logOdds,
    };
  });
  const descending = withDescendingThresholds(points, plain);
  return { points: descending, limit: limitOf(descending, thresholdFor(1e-2, plain)) };
}

/** The similarity at which strangers are as near on average as the plain threshold for 1 %: half of them would be accepted. */
function limitOf(points: readonly ConditionalPoint[], threshold: number): number {
  const after = points.findIndex((point) => point.mean <= threshold);
  const [a, b] = [points[after - 1], points[after]];
  if (!a || !b) return (points.at(-1) as ConditionalPoint).similarity;
  return a.similarity + ((a.mean - threshold) / (a.mean - b.mean)) * (b.similarity - a.similarity);
}

/** Lowers the means until neither they nor any threshold rises with the similarity. */
function withDescendingThresholds(points: readonly ConditionalPoint[], { thresholds }: Calibration) {
  const first = points[0] as ConditionalPoint;
  const ends = [thresholds[0], thresholds.at(-1)].map((end) => ((end?.distance ?? 0) - first.mean) / first.deviation);
  const result = [first];
  for (const point of points.slice(1)) {
    const last = result.at(-1) as ConditionalPoint;
    const bounds = ends.map((end) => last.mean + end * (last.deviation - point.deviation));
    result.push({ ...point, mean: Math.min(point.mean, last.mean - 1e-3, ...bounds.map((bound) => bound - 1e-3)) });
  }
  return result;
}

/** A weighted least-squares fit of a piecewise linear function whose first value is given. */
function fitSpline<Pair extends RatedPair & { weight: number }>(
  knots: readonly number[],
  first: number,
  pairs: readonly Pair[],
  valueFor: (pair: Pair) => number,
): number[] {
  const size = knots.length - 1;
  // Values without pairs near them stay at the first one.
  const matrix = Array.from({ length: size }, (_, i) => Float64Array.from(unitVector(size, i), (one) => 1e-6 * one));
  const right = new Float64Array(size);
  for (const pair of pairs) {
    const basis = knots.map((_, i) => interpolate(knots, unitVector(knots.length, i), pair.similarity));
    const target = valueFor(pair) - first;
    for (let i = 0; i < size; i++) {
      const row = matrix[i] as Float64Array;
      const weighted = pair.weight * (basis[i + 1] as number);
      if (weighted === 0) continue;
      add(right, i, weighted * target);
      for (let j = 0; j < size; j++) add(row, j, weighted * (basis[j + 1] as number));
    }
  }
  return [first, ...solve(matrix, right).map((value) => first + value)];
}

function unitVector(length: number, index: number): number[] {
  return Array.from({ length }, (_, i) => (i === index ? 1 : 0));
}

function interpolate(knots: readonly number[], values: readonly number[], at: number): number {
  const after = knots.findIndex((knot) => knot > at);
  if (after === 0) return values[0] as number;
  if (after < 0) return values.at(-1) as number;
  const [x, y] = [knots[after - 1] as number, knots[after] as number];
  return (
    (values[after - 1] as number) + ((at - x) / (y - x)) * ((values[after] as number) - (values[after - 1] as number))
  );
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
