import { seeded } from '../../../lib/core/random.ts';

/** Random weights of the magnitude of trained ones, so that activations neither explode nor vanish. */
export class RandomWeights {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  /** Filters or a matrix with the output channels last, by He initialisation. */
  products(shape: readonly number[]): Float32Array {
    const fanIn = shape.slice(0, -1).reduce((product, side) => product * side, 1);
    return this.#uniform(
      shape.reduce((product, side) => product * side, 1),
      0,
      Math.sqrt(6 / fanIn),
    );
  }

  /** Biases, means or betas around 0. */
  offsets(count: number): Float32Array {
    return this.#uniform(count, 0, 0.3);
  }

  /** Variances around 1. */
  variances(count: number): Float32Array {
    return this.#uniform(count, 1, 0.6);
  }

  #uniform(count: number, middle: number, spread: number): Float32Array {
    const values = new Float32Array(count);
    for (let i = 0; i < count; i++) values[i] = middle + (2 * this.#random() - 1) * spread;
    return values;
  }
}
