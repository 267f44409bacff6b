import { FaceNetError } from '../../core/errors.ts';
import { squaredDistance } from '../../core/vectors.ts';

/** Who a face is: anything that is equal for two faces of one person, and for no others. */
export type PersonLabel = string | number;

/** Three faces, by their place among the embeddings: a face, another of the same person, and one of somebody else. */
export interface Triplet {
  anchor: number;
  positive: number;
  negative: number;
}

/** How the triplets of a mini-batch stand: of every anchor, positive and negative that there can be, how many. */
export interface TripletCounts {
  /** All: an anchor, another face of its person, and a face of somebody else. */
  valid: number;
  /** ‖a − n‖² ≤ ‖a − p‖²: in the wrong order. */
  hard: number;
  /** ‖a − p‖² < ‖a − n‖² < ‖a − p‖² + α: in the right order, but inside the margin. */
  semiHard: number;
  /** Those that have a loss: hard and semi-hard ones together. */
  active: number;
}

/** A face with all that it can be compared with, by their places among the embeddings. */
export interface Surroundings {
  anchor: number;
  /** The other faces of the same person. */
  positives: readonly number[];
  /** The faces of everybody else. */
  negatives: readonly number[];
  /** ‖a − x‖² by the place of x. */
  distances: Float64Array;
}

/**
 * Counts all triplets of a mini-batch, to be reported while training: when few are active there is little left to learn, and when
 * nearly all stay hard, the embeddings have collapsed. (FaceNet paper, arXiv 1503.03832, section 3.2)
 *
 * @param embeddings of length 1.
 * @param labels whose each of them is.
 * @param margin α, a squared distance, above 0. Default: 0.2, the paper's.
 * @throws {FaceNetError} `option-invalid` when embeddings and labels do not fit, or the margin is not above 0.
 */
export function countTriplets(
  embeddings: readonly Float32Array[],
  labels: readonly PersonLabel[],
  margin = 0.2,
): TripletCounts {
  checkLabelled(embeddings, labels);
  checkMargin(margin);
  let [valid, hard, semiHard] = [0, 0, 0];
  for (const { positives, negatives, distances } of surroundings(embeddings, labels)) {
    valid += positives.length * negatives.length;
    for (const p of positives) {
      const near = distances[p] as number;
      for (const n of negatives) {
        const far = distances[n] as number;
        if (far <= near) hard++;
        else if (isSemiHard(near, far, margin)) semiHard++;
      }
    }
  }
  return { valid, hard, semiHard, active: hard + semiHard };
}

/**
 * Whether a negative is semi-hard: further from the anchor than the positive, but by less than the margin. (FaceNet paper,
 * section 3.2, equation 4)
 *
 * @param near ‖a − p‖².
 * @param far ‖a − n‖².
 */
export function isSemiHard(near: number, far: number, margin: number): boolean {
  return near < far && far < near + margin;
}

/** Each face that has another of its person, with its surroundings; one row of distances at a time is held. */
export function* surroundings(
  embeddings: readonly Float32Array[],
  labels: readonly PersonLabel[],
): Generator<Surroundings> {
  const byPerson = placesByPerson(labels);
  const negativesOf = new Map<PersonLabel, readonly number[]>();
  for (const [anchor, label] of labels.entries()) {
    const own = byPerson.get(label) ?? [];
    if (own.length < 2) continue;
    const here = embeddings[anchor] as Float32Array;
    const negatives = negativesOf.get(label) ?? [...labels.keys()].filter((i) => labels[i] !== label);
    negativesOf.set(label, negatives);
    const distances = new Float64Array(embeddings.length);
    for (let i = 0; i < distances.length; i++) distances[i] = squaredDistance(here, embeddings[i] as Float32Array);
    yield { anchor, positives: own.filter((i) => i !== anchor), negatives, distances };
  }
}

/** Where each person's faces are among the labels. */
export function placesByPerson(labels: readonly PersonLabel[]): Map<PersonLabel, number[]> {
  const byPerson = new Map<PersonLabel, number[]>();
  labels.forEach((label, i) => {
    const own = byPerson.get(label);
    if (own) own.push(i);
    else byPerson.set(label, [i]);
  });
  return byPerson;
}

/** @throws {FaceNetError} `option-invalid` when embeddings and labels are not equally many, or embeddings not equally long. */
export function checkLabelled(embeddings: readonly Float32Array[], labels: readonly PersonLabel[]): void {
  if (embeddings.length !== labels.length) {
    throw new FaceNetError(
      'option-invalid',
      `There are ${labels.length} labels for ${embeddings.length} embeddings: pass one for each.`,
    );
  }
  if (embeddings.some(({ length }) => length !== embeddings[0]?.length)) {
    throw new FaceNetError('option-invalid', 'The embeddings are not equally long: make all with one model.');
  }
}

/** @throws {FaceNetError} `option-invalid` for a margin that is not above 0. */
export function checkMargin(margin: number): void {
  if (!(margin > 0)) throw new FaceNetError('option-invalid', `margin is ${margin}: use a number above 0.`);
}
