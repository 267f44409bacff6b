import {
  explainedVariance,
  type PrincipalComponents,
  principalComponents,
} from '../../../lib/core/principal-components.ts';
import { seeded } from '../../../lib/core/random.ts';
import { dot } from '../../../lib/core/vectors.ts';

/** The plane of greatest variance through a set of vectors. */
export interface Plane extends PrincipalComponents {
  axes: [Float64Array, Float64Array];
  /** The share of the variance along each axis, 0 to 1. */
  explained: [number, number];
}

/**
 * The plane of the first two principal components.
 *
 * @param vectors of one length, at least one.
 * @param from an earlier plane, so that a plot of moving points neither turns nor flips between two calls.
 */
export function principalPlane(vectors: readonly Float32Array[], from?: Plane): Plane {
  const components = principalComponents(vectors, 2, from?.axes ?? seeded(1));
  return { ...components, explained: explainedVariance(vectors, components) } as Plane;
}

/** The coordinates of a vector in a plane, relative to the mean. */
export function projected(vector: Float32Array, { mean, axes }: Plane): { x: number; y: number } {
  const centred = Float64Array.from(vector, (value, i) => value - (mean[i] as number));
  return { x: dot(centred, axes[0]), y: dot(centred, axes[1]) };
}
