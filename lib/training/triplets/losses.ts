import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { checkedNames } from '../../core/checked-options.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { TensorFlowCore } from '../tensorflow/start-tensorflow.ts';
import { checkMargin, type Triplet } from './triplets.ts';

/** A pair of faces in a batch. */
export interface LabelledRows {
  /** The row of the first face. */
  a: number;
  /** The row of the second face. */
  b: number;
  /** Whether both show the same person. */
  same: boolean;
}

/** Options of {@link largeMarginCosineLoss}. */
export interface CosineLossOptions {
  /** s, the factor of all cosines. Above 0. The default is the paper's. @default 64 */
  scale?: number;
  /** m, subtracted from the cosine between a face and its own person. 0 to 2. The default is the paper's. @default 0.35 */
  margin?: number;
}

/** Keeps the gradients of a square root and of a normalised vector finite at 0. */
const epsilon = 1e-12;

/**
 * The triplet loss Σ max(0, ‖a − p‖² − ‖a − n‖² + α) over the given triplets (FaceNet paper, arXiv 1503.03832, section 3.1,
 * equation 3). Embeddings are scaled to length 1 first. Differentiable with respect to the embeddings on every backend.
 *
 * @param tf TensorFlow.js, from {@link startTensorFlow}.
 * @param embeddings [faces, dimension].
 * @param triplets row numbers; without triplets the loss is 0.
 * @param options `margin` is α, above 0. Default: 0.2, as in the paper.
 * @returns a scalar from 0 to (4 + α) × triplets.
 * @throws {FaceNetError} `option-invalid` for an unknown option, a margin that is not above 0, or a row that does not exist.
 *
 * @example
 * const rows = tf.tensor2d(embeddings.map((embedding) => [...embedding]));
 * const loss = tripletLoss(tf, rows, selectTriplets(embeddings, people));
 * show(await loss.data());
 */
export function tripletLoss(
  tf: TensorFlowCore,
  embeddings: Tensor2D,
  triplets: readonly Triplet[],
  options: { margin?: number } = {},
): Scalar {
  const { margin = 0.2 } = checkedNames(options, { margin: true });
  checkMargin(margin);
  return tf.tidy(() => {
    const units = unitRows(tf, embeddings);
    const rows = (role: keyof Triplet) =>
      pickRows(
        tf,
        units,
        triplets.map((triplet) => triplet[role]),
      );
    const [anchors, positives, negatives] = [rows('anchor'), rows('positive'), rows('negative')];
    const difference = tf.sub(squaredDistances(tf, anchors, positives), squaredDistances(tf, anchors, negatives));
    return tf.sum<Scalar>(tf.relu(tf.add(difference, margin)));
  });
}

/**
 * The contrastive loss: Σ ½‖a − b‖² over same-person pairs plus Σ ½ max(0, m − ‖a − b‖)² over different-person pairs (Hadsell,
 * Chopra and LeCun, "Dimensionality reduction by learning an invariant mapping", CVPR 2006, equation 4). Embeddings are scaled to
 * length 1 first.
 *
 * @param tf TensorFlow.js, from {@link startTensorFlow}.
 * @param embeddings [faces, dimension].
 * @param pairs row numbers; without pairs the loss is 0.
 * @param options `margin` is m, a distance, not squared, above 0. Default: 1.
 * @returns a scalar, 0 or more.
 * @throws {FaceNetError} `option-invalid` for an unknown option, a margin that is not above 0, or a row that does not exist.
 *
 * @example
 * const rows = tf.tensor2d(embeddings.map((embedding) => [...embedding]));
 * const loss = contrastiveLoss(tf, rows, [{ a: 0, b: 1, same: people[0] === people[1] }]);
 * show(await loss.data());
 */
export function contrastiveLoss(
  tf: TensorFlowCore,
  embeddings: Tensor2D,
  pairs: readonly LabelledRows[],
  options: { margin?: number } = {},
): Scalar {
  const { margin = 1 } = checkedNames(options, { margin: true });
  checkMargin(margin);
  return tf.tidy(() => {
    const units = unitRows(tf, embeddings);
    const rows = (side: 'a' | 'b') =>
      pickRows(
        tf,
        units,
        pairs.map((pair) => pair[side]),
      );
    const squares = squaredDistances(tf, rows('a'), rows('b'));
    const same = tf.tensor1d(
      pairs.map((pair) => Number(pair.same)),
      'float32',
    );
    const shortfall = tf.relu(tf.sub(margin, tf.sqrt(tf.add(squares, epsilon))));
    const costs = tf.add(tf.mul(same, squares), tf.mul(tf.sub(1, same), tf.square(shortfall)));
    return tf.mul<Scalar>(0.5, tf.sum(costs));
  });
}

/**
 * The large-margin cosine loss: the mean over the faces of −log(exp(s(cos θ_y − m)) / (exp(s(cos θ_y − m)) + Σ exp(s cos θ_j))),
 * where θ_j is the angle between a face and the direction of person j, and y is the person of the face (CosFace, arXiv 1801.09414,
 * equation 4). Embeddings and directions are scaled to length 1 first.
 *
 * @param tf TensorFlow.js, from {@link startTensorFlow}.
 * @param embeddings [faces, dimension].
 * @param people the direction of each person, [dimension, people], trained together with the network.
 * @param labels the person of each face: a column of `people`.
 * @param options the scale and the margin of the cosines.
 * @returns a scalar, 0 or more.
 * @throws {FaceNetError} `option-invalid` for an invalid option, or labels that do not match the faces and people.
 *
 * @example
 * const rows = tf.tensor2d(embeddings.map((embedding) => [...embedding]));
 * const directions = tf.variable(tf.randomNormal<import('@tensorflow/tfjs-core').Rank.R2>([rows.shape[1], 10]));
 * const optimizer = tf.train.adam(0.001);
 * optimizer.minimize(() => largeMarginCosineLoss(tf, rows, directions, embeddings.map((_, i) => i % 10)));
 */
export function largeMarginCosineLoss(
  tf: TensorFlowCore,
  embeddings: Tensor2D,
  people: Tensor2D,
  labels: readonly number[],
  options: CosineLossOptions = {},
): Scalar {
  const { scale = 64, margin = 0.35 } = checkedNames(options, { scale: true, margin: true });
  checkCosineLoss(embeddings, people, labels, { scale, margin });
  return tf.tidy(() => {
    const cosines = tf.matMul(unitRows(tf, embeddings), unitRows(tf, tf.transpose(people)), false, true);
    const own = oneHotRows(tf, labels, people.shape[1]);
    const logits = tf.mul(scale, tf.sub(cosines, tf.mul(margin, own)));
    return tf.neg<Scalar>(tf.mean(tf.sum(tf.mul(own, tf.logSoftmax(logits)), 1)));
  });
}

function checkCosineLoss(
  { shape: [faces, dimension] }: Tensor2D,
  { shape: [length] }: Tensor2D,
  labels: readonly number[],
  { scale, margin }: Required<CosineLossOptions>,
): void {
  if (!(scale > 0)) throw new FaceNetError('option-invalid', `scale is ${scale}: use a number above 0.`);
  if (!(margin >= 0 && margin <= 2)) {
    throw new FaceNetError('option-invalid', `margin is ${margin}: use a number from 0 to 2.`);
  }
  if (length !== dimension) {
    throw new FaceNetError(
      'option-invalid',
      `people has ${length} rows, and the embeddings ${dimension} dimensions: pass people as [dimension, people].`,
    );
  }
  if (labels.length !== faces || faces === 0) {
    throw new FaceNetError(
      'option-invalid',
      `There are ${labels.length} labels for ${faces} faces: pass one for each face, and at least one face.`,
    );
  }
}

/** Scales each row to length 1; a row of zeros stays zero. @param rows [rows, dimension]. */
export function unitRows(tf: TensorFlowCore, rows: Tensor2D): Tensor2D {
  const squares = tf.sum(tf.square(rows), 1, true);
  return tf.div(rows, tf.sqrt(tf.maximum(squares, epsilon)));
}

/** ‖aᵢ − bᵢ‖² for each row i. */
function squaredDistances(tf: TensorFlowCore, a: Tensor2D, b: Tensor2D): Tensor1D {
  return tf.sum(tf.squaredDifference(a, b), 1);
}

/** Selects rows. Uses a matrix product because the WebAssembly backend has no gradient of `gather`. */
function pickRows(tf: TensorFlowCore, matrix: Tensor2D, rows: readonly number[]): Tensor2D {
  return tf.matMul(oneHotRows(tf, rows, matrix.shape[0]), matrix);
}

/** One row of `length` values for each index: 1 at that index, 0 elsewhere. */
function oneHotRows(tf: TensorFlowCore, indices: readonly number[], length: number): Tensor2D {
  const values = new Float32Array(indices.length * length);
  indices.forEach((index, row) => {
    if (!Number.isInteger(index) || index < 0 || index >= length) {
      throw new FaceNetError(
        'option-invalid',
        `Index ${index} is out of range: use an integer from 0 to ${length - 1}.`,
      );
    }
    values[row * length + index] = 1;
  });
  return tf.tensor2d(values, [indices.length, length]);
}
