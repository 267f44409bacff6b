import { addScaled, dot } from '../../core/vectors.ts';
import { type PersonLabel, placesByPerson } from '../triplets/triplets.ts';
import { type ComputeObjective, defaultMargins, zerosLike } from './objective.ts';

/** A class weight vector of the large-margin cosine loss, learned together with the head. */
export interface PersonDirection {
  /** The direction of the person's embeddings; of any length but 0. */
  vector: Float64Array;
  /** The gradient of the last computed batch with respect to `vector`. */
  gradient: Float64Array;
}

/** s of the large-margin cosine loss. CosFace's 64 is for tens of thousands of people; with a few dozen its gradient vanishes. */
const scale = 16;

/**
 * The large-margin cosine loss averaged over the faces, as in `largeMarginCosineLoss`.
 *
 * @param units the embeddings of everybody in the training set; each person's direction starts at their mean.
 * @returns the objective, and the directions, which an optimiser has to update together with the head.
 */
export function cosineObjective(
  units: readonly Float64Array[],
  labels: readonly PersonLabel[],
  margin = defaultMargins['large-margin-cosine'],
): { compute: ComputeObjective; directions: PersonDirection[] } {
  const byPerson = placesByPerson(labels);
  const personIndex = new Map([...byPerson.keys()].map((label, index) => [label, index]));
  const directions = [...byPerson.values()].map((places) => meanDirection(units, places));
  const compute: ComputeObjective = (units, labels) => {
    const lengths = directions.map(({ vector }) => Math.sqrt(dot(vector, vector)));
    const axes = directions.map(({ vector }, j) => vector.map((value) => value / (lengths[j] as number)));
    const [gradients, axisGradients] = [zerosLike(units), zerosLike(axes)];
    let loss = 0;
    units.forEach((unit, i) => {
      const own = personIndex.get(labels[i] as PersonLabel) as number;
      const logits = axes.map((axis, j) => scale * (dot(unit, axis) - (j === own ? margin : 0)));
      const max = Math.max(...logits);
      const weights = logits.map((logit) => Math.exp(logit - max));
      const sum = weights.reduce((total, weight) => total + weight, 0);
      loss += (Math.log(sum) + max - (logits[own] as number)) / units.length;
      axes.forEach((axis, j) => {
        const slope = (scale * ((weights[j] as number) / sum - (j === own ? 1 : 0))) / units.length;
        addScaled(gradients[i] as Float64Array, axis, slope);
        addScaled(axisGradients[j] as Float64Array, unit, slope);
      });
    });
    directions.forEach(({ gradient }, j) => {
      gradient.set(beforeNormalising(axisGradients[j] as Float64Array, axes[j] as Float64Array, lengths[j] as number));
    });
    return { loss, gradients };
  };
  return { compute, directions };
}

function meanDirection(units: readonly Float64Array[], places: readonly number[]): PersonDirection {
  const vector = new Float64Array(units[0]?.length ?? 0);
  for (const place of places) addScaled(vector, units[place] as Float64Array, 1);
  return { vector, gradient: new Float64Array(vector.length) };
}

/** The gradient with respect to a vector, given the gradient with respect to its unit vector. */
function beforeNormalising(gradient: Float64Array, unit: Float64Array, length: number): Float64Array {
  const radial = dot(unit, gradient);
  return gradient.map((value, i) => (value - radial * (unit[i] as number)) / length);
}
