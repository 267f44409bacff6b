/** The face of a photo, with the name of the person in it. */
export interface LabelledFace<Embedding = Float32Array> {
  /** The name of the person. Two faces with different names form an impostor pair. */
  person: string;
  /** The embedding, in the form that the `distance` of its `PhotoSet` takes. */
  embedding: Embedding;
}

/** An impostor pair, with the numbers of its people. */
interface NearPair {
  distance: number;
  a: number;
  b: number;
}

/** How many times more pairs than needed are kept at first, because a replicate may draw few of the nearest. */
const reserve = 4;

/**
 * All impostor pairs that some faces form. In a bootstrap replicate the weight of a pair is the product of the
 * multiplicities of its two people.
 *
 * Only distances are stored for all pairs. The people are stored for the nearest pairs, since thresholds for low
 * false-accept rates depend on no others: {@link reserve} times as many as the unweighted pairs need, and twice as many
 * again whenever a replicate needs more.
 */
export class ImpostorPairs<Embedding> {
  /** The number of pairs. */
  readonly count: number;
  readonly #personOf: readonly number[];
  readonly #facesOf: Float64Array;
  /** The distances of all pairs of faces i < j, in this order; infinite for a pair of one person. */
  readonly #distances: Float64Array;
  readonly #sorted: Float64Array;
  #nearest: NearPair[] = [];
  #keptWithin = Number.NEGATIVE_INFINITY;

  /**
   * @param personOf the number of each face's person, from 0.
   * @param people the number of people.
   */
  constructor(
    embeddings: readonly Embedding[],
    personOf: readonly number[],
    people: number,
    distance: (a: Embedding, b: Embedding) => number,
  ) {
    this.#personOf = personOf;
    this.#facesOf = countFaces(personOf, people);
    this.#distances = new Float64Array((embeddings.length * (embeddings.length - 1)) / 2);
    let [next, count] = [0, 0];
    for (const [i, a] of embeddings.entries()) {
      for (let j = i + 1; j < embeddings.length; j++) {
        const genuine = personOf[i] === personOf[j];
        if (!genuine) count++;
        this.#distances[next++] = genuine ? Number.POSITIVE_INFINITY : distance(a, embeddings[j] as Embedding);
      }
    }
    this.count = count;
    this.#sorted = this.#distances.slice().sort();
  }

  /** The sum of the weights of all pairs. */
  totalWeight(multiplicities: Float64Array): number {
    return impostorWeight(this.#facesOf, multiplicities);
  }

  /**
   * The smallest distance at which the accepted weight exceeds a false-accept rate.
   *
   * @param far above 0 and below 1.
   * @returns the distance, and the share of the weight at exactly this distance that the rate permits to accept.
   */
  limit(far: number, multiplicities: Float64Array): { distance: number; share: number } {
    const permitted = far * this.totalWeight(multiplicities);
    for (let size = Math.ceil(reserve * far * this.count); ; size *= 2) {
      this.#keepWithin(this.#sorted[Math.min(size, this.count) - 1] as number);
      const found = limitAmong(this.#nearest, permitted, multiplicities);
      if (found) return found;
      if (size >= this.count) return { distance: Number.POSITIVE_INFINITY, share: 0 };
    }
  }

  /** The sum of the weights of the pairs with `distance <= threshold`. */
  weightWithin(threshold: number, multiplicities: Float64Array): number {
    this.#keepWithin(threshold);
    let weight = 0;
    for (const pair of this.#nearest) {
      if (pair.distance > threshold) break;
      weight += weightOf(pair, multiplicities);
    }
    return weight;
  }

  /** Keeps the pairs up to a distance, or more, with their people, by ascending distance. */
  #keepWithin(distance: number): void {
    if (distance <= this.#keptWithin) return;
    this.#keptWithin = distance;
    const nearest: NearPair[] = [];
    let next = 0;
    for (const [i, a] of this.#personOf.entries()) {
      for (let j = i + 1; j < this.#personOf.length; j++) {
        const own = this.#distances[next++] as number;
        if (own <= distance) nearest.push({ distance: own, a, b: this.#personOf[j] as number });
      }
    }
    this.#nearest = nearest.sort((x, y) => x.distance - y.distance);
  }
}

/** The number of faces of each person. @param personOf the number of each face's person. */
export function countFaces(personOf: readonly number[], people: number): Float64Array {
  const counts = new Float64Array(people);
  for (const person of personOf) (counts[person] as number)++;
  return counts;
}

/** The sum of the weights of all impostor pairs of some faces. @param facesOf {@link countFaces} of these faces. */
export function impostorWeight(facesOf: Float64Array, multiplicities: Float64Array): number {
  let [sum, squares] = [0, 0];
  for (let person = 0; person < multiplicities.length; person++) {
    const faces = (facesOf[person] as number) * (multiplicities[person] as number);
    sum += faces;
    squares += faces * faces;
  }
  return (sum * sum - squares) / 2;
}

/** Undefined if the weight of all these pairs is permitted. */
function limitAmong(pairs: readonly NearPair[], permitted: number, multiplicities: Float64Array) {
  let accepted = 0;
  for (let start = 0; start < pairs.length; ) {
    const { distance } = pairs[start] as NearPair;
    let tied = 0;
    let end = start;
    for (; pairs[end]?.distance === distance; end++) tied += weightOf(pairs[end] as NearPair, multiplicities);
    if (accepted + tied > permitted) return { distance, share: (permitted - accepted) / tied };
    accepted += tied;
    start = end;
  }
  return undefined;
}

function weightOf({ a, b }: NearPair, multiplicities: Float64Array): number {
  return (multiplicities[a] as number) * (multiplicities[b] as number);
}
