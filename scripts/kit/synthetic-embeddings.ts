import { seeded } from '../../lib/core/random.ts';

/** dlib-resnet-34's threshold at a false-accept rate of 0.001. */
export const within = 0.3778;

/**
 * Embeddings of people who do not exist, of whose pairs about as many lie within the threshold as of strangers' faces: what a
 * search or a clustering costs depends on how many are near.
 */
export class MadeUpFaces {
  readonly #draw: () => number;
  readonly #mean: Float32Array;
  /** Faces do not fill their space evenly: some directions carry most of what tells people apart, and all share a mean. */
  readonly #spread: Float32Array;

  constructor(dimension: number, seed = 1) {
    this.#draw = seeded(seed);
    const spread = Float32Array.from({ length: dimension }, (_, i) => 0.1 / Math.sqrt(1 + i / 4));
    this.#spread = spread.map((_, i) => spread[(i * 37) % dimension] as number);
    this.#mean = unit(spread.map(() => this.#normal()));
  }

  /** Somebody new. */
  person(): Float32Array {
    return unit(this.#mean.map((value, i) => value + (this.#spread[i] as number) * this.#normal()));
  }

  /** Another picture of somebody, about 0.25 away. */
  near(face: Float32Array): Float32Array {
    return unit(face.map((value) => value + 0.022 * this.#normal()));
  }

  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#draw())) * Math.cos(2 * Math.PI * this.#draw());
  }
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / length);
}
