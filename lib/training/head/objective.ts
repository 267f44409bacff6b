import type { PersonLabel } from '../triplets/triplets.ts';
import type { HeadLoss } from './types.ts';

/** The loss of a mini-batch and its gradient. */
export interface Objective {
  /** The mean loss per triplet, pair or face; 0 when the batch has none. */
  loss: number;
  /** The gradient with respect to each embedding, before projection onto the tangent space of the unit sphere. */
  gradients: Float64Array[];
}

/** Computes the objective of L2-normalised embeddings. @param labels the person of each embedding. */
export type ComputeObjective = (units: readonly Float64Array[], labels: readonly PersonLabel[]) => Objective;

/** The default margin of each loss: those of `tripletLoss`, `contrastiveLoss` and `largeMarginCosineLoss`. */
export const defaultMargins: Record<HeadLoss, number> = {
  triplet: 0.2,
  contrastive: 1,
  'large-margin-cosine': 0.35,
};

/** A zero vector for each of the given vectors. */
export function zerosLike(vectors: readonly Float64Array[]): Float64Array[] {
  return vectors.map(({ length }) => new Float64Array(length));
}
