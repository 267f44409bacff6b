import type { ComparisonRule } from '../../lib/comparison/compare.ts';
import { seeded } from '../../lib/core/random.ts';

/** A rule with the calibration of the dlib embedder. */
export const rule: ComparisonRule = {
  model: 'dlib-resnet-34',
  dimension: 128,
  metric: 'euclidean',
  calibration: {
    logOdds: [26.95, -63.47],
    thresholds: [
      { far: 0.1, distance: 0.4837 },
      { far: 0.01, distance: 0.4225 },
      { far: 0.001, distance: 0.3778 },
      { far: 0.0003, distance: 0.3582 },
      { far: 0.0001, distance: 0.3407 },
      { far: 0.00001, distance: 0.303 },
    ],
  },
};

/** Generates the same unit-length embeddings in every run. */
export class Synthetic {
  readonly #random: () => number;

  constructor(seed = 1) {
    this.#random = seeded(seed);
  }

  /** The embedding of a new person. Two people are about 1.4 apart. */
  person(dimension = 128): Float32Array {
    return unit(Float32Array.from({ length: dimension }, () => this.#normal()));
  }

  /** The embedding of another photo of the same person, at about the given distance. */
  near(embedding: Float32Array, distance: number): Float32Array {
    const scale = distance / Math.sqrt(embedding.length);
    return unit(embedding.map((value) => value + scale * this.#normal()));
  }

  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#random())) * Math.cos(2 * Math.PI * this.#random());
  }
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / length);
}
