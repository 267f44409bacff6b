import { FaceNetError } from '../../core/errors.ts';
import { squaredDistance } from '../../core/vectors.ts';

/** Identifies a person: equal for two faces exactly when they show the same person. */
export type PersonLabel = string | number;

/** Three faces, by their indices in the list of embeddings. */
export interface Triplet {
  /** A face. */
  anchor: number;
  /** Another face of the same person. */
  positive: number;
  /** A face of another person. */
  negative: number;
}

/** The number of triplets of each kind in a mini-batch. */
export interface TripletCounts {
  /** All triplets: an anchor, another face of the same person and a face of another person. */
  valid: number;
  /** ‖a − n‖² ≤ ‖a − p‖²: the negative is not farther than the positive. */
  hard: number;
  /** ‖a − p‖² < ‖a − n‖² < ‖a − p‖² + α: the negative is farther, but inside the margin. */
  semiHard: number;
  /** Hard and semi-hard triplets: those with a non-zero loss. */
  active: number;
}

/** An anchor with its candidate positives and negatives, by index. */
export interface AnchorCandidates {
  anchor: number;
  /** The other faces of the same person. */
  positives: readonly number[];
  /** The faces of all other people. */
  negatives: readonly number[];
  /** ‖a − x‖² by the index of x. */
  distances: Float64Array;
}

/**
 * Counts the triplets of a mini-batch. Few active triplets mean that training has converged; almost only hard ones mean that the
 * embeddings have collapsed. (FaceNet paper, arXiv 1503.03832, section 3.2)
 *
 * @param embeddings L2-normalised embeddings.
 * @param labels the person of each embedding.
 * @param margin α, a squared distance, above 0. Default: 0.2, as in the paper.
 * @throws {FaceNetError} `option-invalid` when embeddings and labels do not match, or the margin is not above 0.
 *
 * @example
 * const { valid, active } = countTriplets(embeddings, people);
 * console.log(`${active} of ${valid} triplets have a loss`);
 */
export function countTriplets(
  embeddings: readonly Float32Array[],
  labels: readonly PersonLabel[],
  margin = 0.2,
): TripletCounts {
  checkLabelled(embeddings, labels);
  checkMargin(margin);
  let [valid, hard, semiHard] = [0, 0, 0];
  for (const { positives, negatives, distances } of anchorCandidates(embeddings, labels)) {
    valid += positives.length * negatives.length;
    for (const p of positives) {
      const toPositive = distances[p] as number;
      for (const n of negatives) {
        const toNegative = distances[n] as number;
        if (toNegative <= toPositive) hard++;
        else if (isSemiHard(toPositive, toNegative, margin)) semiHard++;
      }
    }
  }
  return { valid, hard, semiHard, active: hard + semiHard };
}

/**
 * Whether a negative is semi-hard: farther from the anchor than the positive, by less than the margin. (FaceNet paper, section 3.2,
 * equation 4)
 *
 * @param toPositive ‖a − p‖².
 * @param toNegative ‖a − n‖².
 */
export function isSemiHard(toPositive: number, toNegative: number, margin: number): boolean {
  return toPositive < toNegative && toNegative < toPositive + margin;
}

/** The candidates of every face that has a positive. A generator, so that only one row of distances is in memory. */
export function* anchorCandidates(
  embeddings: readonly Float32Array[],
  labels: readonly PersonLabel[],
): Generator<AnchorCandidates> {
  const byPerson = placesByPerson(labels);
  const negativesOf = new Map<PersonLabel, readonly number[]>();
  for (const [anchor, label] of labels.entries()) {
    const own = byPerson.get(label) ?? [];
    if (own.length < 2) continue;
    const embedding = embeddings[anchor] as Float32Array;
    const negatives = negativesOf.get(label) ?? [...labels.keys()].filter((i) => labels[i] !== label);
    negativesOf.set(label, negatives);
    const distances = new Float64Array(embeddings.length);
    for (let i = 0; i < distances.length; i++) distances[i] = squaredDistance(embedding, embeddings[i] as Float32Array);
    yield { anchor, positives: own.filter((i) => i !== anchor), negatives, distances };
  }
}

/** The indices of each person's faces, people in the order of their first face. */
export function placesByPerson(labels: readonly PersonLabel[]): Map<PersonLabel, number[]> {
  const byPerson = new Map<PersonLabel, number[]>();
  labels.forEach((label, i) => {
    const own = byPerson.get(label);
    if (own) own.push(i);
    else byPerson.set(label, [i]);
  });
  return byPerson;
}

/**
 * Checks that there is one label per embedding, and that all embeddings have the same length.
 *
 * @throws {FaceNetError} `option-invalid` otherwise.
 */
export function checkLabelled(embeddings: readonly Float32Array[], labels: readonly PersonLabel[]): void {
  if (embeddings.length !== labels.length) {
    throw new FaceNetError(
      'option-invalid',
      `There are ${labels.length} labels for ${embeddings.length} embeddings: pass one for each embedding.`,
    );
  }
  if (embeddings.some(({ length }) => length !== embeddings[0]?.length)) {
    throw new FaceNetError('option-invalid', 'The embeddings have different lengths: use one model for all.');
  }
}

/** Checks a margin. @throws {FaceNetError} `option-invalid` when it is not above 0. */
export function checkMargin(margin: number): void {
  if (!(margin > 0)) throw new FaceNetError('option-invalid', `margin is ${margin}: use a number above 0.`);
}
