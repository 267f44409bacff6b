import { squaredDistance } from '../../core/vectors.ts';
import type { PersonLabel } from '../triplets/triplets.ts';
import { type ComputeObjective, defaultMargins, zerosLike } from './objective.ts';

interface Pair {
  a: number;
  b: number;
  distance: number;
}

/**
 * The contrastive loss averaged over all same-person pairs and an equal number of different-person pairs, the closest ones;
 * `contrastiveLoss` is the corresponding sum.
 */
export function contrastiveObjective(margin = defaultMargins.contrastive): ComputeObjective {
  return (units, labels) => {
    const gradients = zerosLike(units);
    const { same, different } = pairsOf(units, labels);
    const closest = different.sort((x, y) => x.distance - y.distance).slice(0, same.length);
    const share = 1 / Math.max(1, same.length + closest.length);
    let loss = 0;
    const addPair = ({ a, b }: Pair, cost: number, slope: number) => {
      loss += share * cost;
      const [x, y] = [units[a], units[b]] as [Float64Array, Float64Array];
      const [dx, dy] = [gradients[a], gradients[b]] as [Float64Array, Float64Array];
      for (let i = 0; i < x.length; i++) {
        const change = share * slope * ((x[i] as number) - (y[i] as number));
        dx[i] = (dx[i] as number) + change;
        dy[i] = (dy[i] as number) - change;
      }
    };
    for (const pair of same) addPair(pair, pair.distance ** 2 / 2, 1);
    for (const pair of closest) {
      const shortfall = margin - pair.distance;
      if (shortfall > 0) addPair(pair, shortfall ** 2 / 2, -shortfall / Math.max(pair.distance, 1e-6));
    }
    return { loss, gradients };
  };
}

function pairsOf(units: readonly Float64Array[], labels: readonly PersonLabel[]): { same: Pair[]; different: Pair[] } {
  const pairs: { same: Pair[]; different: Pair[] } = { same: [], different: [] };
  units.forEach((unit, a) => {
    for (let b = a + 1; b < units.length; b++) {
      const distance = Math.sqrt(squaredDistance(unit, units[b] as Float64Array));
      (labels[a] === labels[b] ? pairs.same : pairs.different).push({ a, b, distance });
    }
  });
  return pairs;
}
