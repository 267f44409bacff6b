import { addScaled, dot, squaredDistance } from '../../core/vectors.ts';
import { selectTriplets } from '../triplets/selection.ts';
import { type PersonLabel, placesByPerson } from '../triplets/triplets.ts';
import type { HeadLoss, HeadOptions } from './types.ts';

/** A loss of a mini-batch, and how it changes with each of its embeddings. */
export interface Objective {
  /** The mean over what the loss is a sum of; 0 when there is nothing to learn. */
  loss: number;
  /** The gradient with respect to each embedding, as if it could leave the sphere. */
  slopes: Float64Array[];
}

/** Computes the objective of embeddings of length 1. @param labels whose each of them is. */
export type ComputeObjective = (units: readonly Float64Array[], labels: readonly PersonLabel[]) => Objective;

/** The direction of a person, which the large-margin cosine loss learns beside the head. */
export interface PersonDirection {
  /** Of any length but 0. */
  numbers: Float64Array;
  /** Its gradient, of the batch that was computed last. */
  slope: Float64Array;
}

/** s of the large-margin cosine loss: 64 is for 10,000s of people, and leaves a few dozen no gradient. */
const scale = 16;

/** The margin of each loss that is not told another: those of `tripletLoss`, `contrastiveLoss` and `largeMarginCosineLoss`. */
export const defaultMargins: Record<HeadLoss, number> = {
  triplet: 0.2,
  contrastive: 1,
  'large-margin-cosine': 0.35,
};

/** The triplet loss of the triplets that are selected, a mean: what `tripletLoss` is the sum of. */
export function tripletObjective(
  { mining, margin = defaultMargins.triplet }: Pick<HeadOptions, 'mining' | 'margin'>,
  random: () => number,
): ComputeObjective {
  return (units, labels) => {
    const slopes = zeros(units);
    const vectors = units.map((unit) => Float32Array.from(unit));
    const triplets = selectTriplets(vectors, labels, { ...mining, margin, random });
    const share = 1 / Math.max(1, triplets.length);
    let loss = 0;
    for (const { anchor, positive, negative } of triplets) {
      const [a, p, n] = [units[anchor], units[positive], units[negative]] as [Float64Array, Float64Array, Float64Array];
      const cost = squaredDistance(a, p) - squaredDistance(a, n) + margin;
      if (cost <= 0) continue;
      loss += share * cost;
      const [da, dp, dn] = [slopes[anchor], slopes[positive], slopes[negative]] as [
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      for (let i = 0; i < a.length; i++) {
        const [x, y, z] = [a[i] as number, p[i] as number, n[i] as number];
        da[i] = (da[i] as number) + 2 * share * (z - y);
        dp[i] = (dp[i] as number) + 2 * share * (y - x);
        dn[i] = (dn[i] as number) + 2 * share * (x - z);
      }
    }
    return { loss, slopes };
  };
}

/**
 * The contrastive loss of all pairs of one person and as many of two, the nearest ones, a mean: what `contrastiveLoss` is the sum of.
 */
export function contrastiveObjective(margin = defaultMargins.contrastive): ComputeObjective {
  return (units, labels) => {
    const slopes = zeros(units);
    const [same, different]: [Pair[], Pair[]] = [[], []];
    units.forEach((unit, a) => {
      for (let b = a + 1; b < units.length; b++) {
        const distance = Math.sqrt(squaredDistance(unit, units[b] as Float64Array));
        (labels[a] === labels[b] ? same : different).push({ a, b, distance });
      }
    });
    const nearest = different.sort((x, y) => x.distance - y.distance).slice(0, same.length);
    const share = 1 / Math.max(1, same.length + nearest.length);
    let loss = 0;
    const learn = ({ a, b }: Pair, cost: number, slope: number) => {
      loss += share * cost;
      const [x, y, dx, dy] = [units[a], units[b], slopes[a], slopes[b]] as Float64Array[] as [
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      for (let i = 0; i < x.length; i++) {
        const change = share * slope * ((x[i] as number) - (y[i] as number));
        dx[i] = (dx[i] as number) + change;
        dy[i] = (dy[i] as number) - change;
      }
    };
    for (const pair of same) learn(pair, pair.distance ** 2 / 2, 1);
    for (const pair of nearest) {
      const missing = margin - pair.distance;
      if (missing > 0) learn(pair, missing ** 2 / 2, -missing / Math.max(pair.distance, 1e-6));
    }
    return { loss, slopes };
  };
}

/**
 * The large-margin cosine loss, a mean, as `largeMarginCosineLoss` has it.
 *
 * @param units the faces of everybody who is learned from: each person's direction begins at their mean.
 * @returns the directions besides, which are to be learned with the head.
 */
export function cosineObjective(
  units: readonly Float64Array[],
  labels: readonly PersonLabel[],
  margin = defaultMargins['large-margin-cosine'],
): { compute: ComputeObjective; directions: PersonDirection[] } {
  const people = new Map([...placesByPerson(labels)].map(([label, places], index) => [label, { index, places }]));
  const directions = [...people.values()].map(({ places }): PersonDirection => {
    const numbers = new Float64Array(units[0]?.length ?? 0);
    for (const place of places) addScaled(numbers, units[place] as Float64Array, 1);
    return { numbers, slope: new Float64Array(numbers.length) };
  });
  const compute: ComputeObjective = (units, labels) => {
    const lengths = directions.map(({ numbers }) => Math.sqrt(dot(numbers, numbers)));
    const axes = directions.map(({ numbers }, j) => numbers.map((value) => value / (lengths[j] as number)));
    const [slopes, axisSlopes] = [zeros(units), zeros(axes)];
    let loss = 0;
    units.forEach((unit, i) => {
      const own = people.get(labels[i] as PersonLabel)?.index as number;
      const logits = axes.map((axis, j) => scale * (dot(unit, axis) - (j === own ? margin : 0)));
      const most = Math.max(...logits);
      const weights = logits.map((logit) => Math.exp(logit - most));
      const sum = weights.reduce((total, weight) => total + weight, 0);
      loss += (Math.log(sum) + most - (logits[own] as number)) / units.length;
      axes.forEach((axis, j) => {
        const slope = (scale * ((weights[j] as number) / sum - (j === own ? 1 : 0))) / units.length;
        addScaled(slopes[i] as Float64Array, axis, slope);
        addScaled(axisSlopes[j] as Float64Array, unit, slope);
      });
    });
    directions.forEach(({ slope }, j) => {
      // Of a direction brought to length 1 only what is across it counts.
      const [axis, whole] = [axes[j], axisSlopes[j]] as [Float64Array, Float64Array];
      const along = dot(axis, whole);
      slope.set(whole.map((value, i) => (value - along * (axis[i] as number)) / (lengths[j] as number)));
    });
    return { loss, slopes };
  };
  return { compute, directions };
}

interface Pair {
  a: number;
  b: number;
  distance: number;
}

function zeros(like: readonly Float64Array[]): Float64Array[] {
  return like.map(({ length }) => new Float64Array(length));
}
