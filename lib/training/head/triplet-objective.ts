import { squaredDistance } from '../../core/vectors.ts';
import { selectTriplets } from '../triplets/selection.ts';
import type { Triplet } from '../triplets/triplets.ts';
import { type ComputeObjective, defaultMargins, zerosLike } from './objective.ts';
import type { HeadOptions } from './types.ts';

/** The triplet loss averaged over the selected triplets; `tripletLoss` is the corresponding sum. */
export function tripletObjective(
  { mining, margin = defaultMargins.triplet }: Pick<HeadOptions, 'mining' | 'margin'>,
  random: () => number,
): ComputeObjective {
  return (units, labels) => {
    const gradients = zerosLike(units);
    const vectors = units.map((unit) => Float32Array.from(unit));
    const triplets = selectTriplets(vectors, labels, { ...mining, margin, random });
    const share = 1 / Math.max(1, triplets.length);
    let loss = 0;
    for (const triplet of triplets) {
      const [a, p, n] = pick(units, triplet);
      const cost = squaredDistance(a, p) - squaredDistance(a, n) + margin;
      if (cost <= 0) continue;
      loss += share * cost;
      addGradient(pick(gradients, triplet), [a, p, n], share);
    }
    return { loss, gradients };
  };
}

type TripletVectors = readonly [anchor: Float64Array, positive: Float64Array, negative: Float64Array];

function pick(vectors: readonly Float64Array[], { anchor, positive, negative }: Triplet): TripletVectors {
  return [vectors[anchor], vectors[positive], vectors[negative]] as unknown as TripletVectors;
}

/** Adds the gradient of ‖a − p‖² − ‖a − n‖²: 2(n − p), 2(p − a) and 2(a − n). */
function addGradient([da, dp, dn]: TripletVectors, [a, p, n]: TripletVectors, share: number): void {
  for (let i = 0; i < a.length; i++) {
    const [x, y, z] = [a[i] as number, p[i] as number, n[i] as number];
    da[i] = (da[i] as number) + 2 * share * (z - y);
    dp[i] = (dp[i] as number) + 2 * share * (y - x);
    dn[i] = (dn[i] as number) + 2 * share * (x - z);
  }
}
