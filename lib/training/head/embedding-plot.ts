import { principalComponents } from '../../core/principal-components.ts';
import { seeded } from '../../core/random.ts';
import { dot } from '../../core/vectors.ts';
import { type Projection, project } from './projection.ts';

/**
 * Plots embeddings in the plane of their first two principal components.
 *
 * @returns a function that gives x and y of each embedding under the head's current parameters. Each call starts from the axes of
 *   the one before, so that the plot turns little between epochs.
 */
export function embeddingPlot(
  projection: Projection,
  vectors: readonly Float32Array[],
  seed: number,
): () => Float32Array {
  let start: readonly Float64Array[] | (() => number) = seeded(seed);
  return () => {
    const { units } = project(projection, vectors);
    const { axes } = principalComponents(units, 2, start);
    start = axes;
    return Float32Array.from(units.flatMap((unit) => axes.map((axis) => dot(unit, axis))));
  };
}
