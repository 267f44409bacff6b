import { seeded } from '../../lib/core/random.ts';

/** The number of embeddings that a generated one is combined of. */
const combined = 64;

/**
 * Generates any number of embeddings that are distributed like those of a data set: people have the mean and the covariance of its
 * people, and the photos of a person that of its photos about their person. The cost of a neighbour graph and what it finds depend on
 * that covariance, because few of the dimensions carry most of the variance.
 */
export class ResemblingFaces {
  readonly #random: () => number;
  readonly #mean: Float32Array;
  /** The people of the data set, without the mean. */
  readonly #people: Float32Array[];
  /** The photos of people with several, without the mean of their person. */
  readonly #photos: Float32Array[];

  /** @param people the embeddings of each person. */
  constructor(people: readonly (readonly Float32Array[])[], seed = 1) {
    this.#random = seeded(seed);
    const means = people.map(mean);
    this.#mean = mean(means);
    this.#people = means.map((vector) => minus(vector, this.#mean));
    this.#photos = people.flatMap((photos, i) => {
      // The mean of n photos is nearer to each of them than the person's true mean, which this factor corrects.
      const factor = Math.sqrt(photos.length / (photos.length - 1));
      if (photos.length < 2) return [];
      return photos.map((photo) => minus(photo, means[i] as Float32Array).map((value) => value * factor));
    });
  }

  /** Some embeddings of a new person. */
  person(photos: number): Float32Array[] {
    const centre = plus(this.#mean, this.#combination(this.#people));
    return Array.from({ length: photos }, () => unit(plus(centre, this.#combination(this.#photos))));
  }

  /** A random combination of the vectors, as long as a random one of them: some photos are far from their person. */
  #combination(vectors: readonly Float32Array[]): Float32Array {
    const sum = new Float32Array(this.#mean.length);
    for (let i = 0; i < combined; i++) {
      const vector = vectors[Math.floor(this.#random() * vectors.length)] as Float32Array;
      const weight = this.#normal();
      for (let j = 0; j < sum.length; j++) sum[j] = (sum[j] as number) + weight * (vector[j] as number);
    }
    const length = lengthOf(vectors[Math.floor(this.#random() * vectors.length)] as Float32Array);
    const factor = length / lengthOf(sum);
    return sum.map((value) => value * factor);
  }

  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#random())) * Math.cos(2 * Math.PI * this.#random());
  }
}

function mean(vectors: readonly Float32Array[]): Float32Array {
  const sum = vectors.reduce(plus);
  return sum.map((value) => value / vectors.length);
}

function plus(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value + (b[i] as number));
}

function minus(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value - (b[i] as number));
}

function lengthOf(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}

function unit(vector: Float32Array): Float32Array {
  const length = lengthOf(vector);
  return vector.map((value) => value / length);
}
