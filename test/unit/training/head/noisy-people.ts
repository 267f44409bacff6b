import { seeded } from '../../../../lib/core/random.ts';
import type { HeadExample } from '../../../../lib/training/index.ts';

/** A random number of the standard normal distribution, by the Box–Muller transform. */
export const normal = (random: () => number) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** A vector scaled to length 1. */
export function unitVector(values: number[]): Float32Array {
  const length = Math.hypot(...values);
  return Float32Array.from(values, (value) => value / length);
}

/**
 * Synthetic embeddings whose first third identifies the person, while the rest is noise of the same size: what a head can learn to
 * suppress.
 */
export function noisyPeople(people: number, faces: number, seed = 5, dimension = 24): HeadExample[] {
  const random = seeded(seed);
  return Array.from({ length: people }, (_, person) => {
    const identity = Array.from({ length: dimension / 3 }, () => normal(random));
    return Array.from({ length: faces }, () => ({
      person: `person ${person}`,
      model: 'base',
      embedding: unitVector(
        Array.from(
          { length: dimension },
          (_, i) => (identity[i] ?? 0) + (i < identity.length ? 0.2 : 1) * normal(random),
        ),
      ),
    }));
  }).flat();
}

/** The error code that a promise rejects with; `none` when it resolves. */
export const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: { code: string }) => error.code,
  );
