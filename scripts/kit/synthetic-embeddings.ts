import { seeded } from '../../lib/core/random.ts';

/** The threshold of dlib-resnet-34 at a false-accept rate of 0.001, as a Euclidean distance. */
export const syntheticThreshold = 0.3778;

/**
 * Generates unit embeddings of invented people. The share of impostor pairs within {@link syntheticThreshold} is close to
 * that of real faces, because the cost of a search or a clustering depends on the number of near neighbours.
 */
export class SyntheticEmbeddings {
  readonly #random: () => number;
  readonly #mean: Float32Array;
  /** The standard deviation of each dimension. Real embeddings are anisotropic too, and share a mean. */
  readonly #deviation: Float32Array;

  constructor(dimension: number, seed = 1) {
    this.#random = seeded(seed);
    const deviation = Float32Array.from({ length: dimension }, (_, i) => 0.1 / Math.sqrt(1 + i / 4));
    this.#deviation = deviation.map((_, i) => deviation[(i * 37) % dimension] as number);
    this.#mean = unit(deviation.map(() => this.#normal()));
  }

  /** An embedding of a new person. */
  newPerson(): Float32Array {
    return unit(this.#mean.map((value, i) => value + (this.#deviation[i] as number) * this.#normal()));
  }

  /** Another embedding of the same person, at a distance of about 0.25. */
  samePerson(embedding: Float32Array): Float32Array {
    return unit(embedding.map((value) => value + 0.022 * this.#normal()));
  }

  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#random())) * Math.cos(2 * Math.PI * this.#random());
  }
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / length);
}
