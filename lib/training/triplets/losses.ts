import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { FaceNetError } from '../../core/errors.ts';
import type { TensorFlowCore } from '../tensorflow/start-tensorflow.ts';
import { checkMargin, type Triplet } from './triplets.ts';

/** Two faces of a batch, by their rows, and whether they are of one person. */
export interface LabelledRows {
  a: number;
  b: number;
  same: boolean;
}

/** What {@link largeMarginCosineLoss} can be told. */
export interface CosineLossOptions {
  /** s, by which cosines are multiplied: the radius of the sphere. Above 0. Default: 64, the paper's. */
  scale?: number;
  /** m, by which the cosine with a face's own person is lessened. 0 to 2. Default: 0.35, the paper's. */
  margin?: number;
}

/** Keeps the root of 0, and the direction of a vector of length 0, from having no gradient. */
const tiny = 1e-12;

/**
 * The triplet loss Σ max(0, ‖a − p‖² − ‖a − n‖² + α) over the given triplets, as in the FaceNet paper (arXiv 1503.03832,
 * section 3.1, equation 3): a sum, of squared distances between embeddings that are brought to length 1. It can be
 * differentiated with respect to the embeddings, on every backend.
 *
 * @param embeddings one face a row, [faces, dimension].
 * @param triplets which rows are compared; with none the loss is 0.
 * @param options `margin` is α, above 0. Default: 0.2, the paper's.
 * @returns a scalar, 0 or more, and at most 4 + α a triplet.
 * @throws {FaceNetError} `option-invalid` for a margin that is not above 0, or a row that is not there.
 */
export function tripletLoss(
  tf: TensorFlowCore,
  embeddings: Tensor2D,
  triplets: readonly Triplet[],
  { margin = 0.2 }: { margin?: number } = {},
): Scalar {
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
    const further = tf.sub(squaredDistances(tf, anchors, positives), squaredDistances(tf, anchors, negatives));
    return tf.sum<Scalar>(tf.relu(tf.add(further, margin)));
  });
}

/**
 * The contrastive loss Σ ½‖a − b‖² over pairs of one person and Σ ½ max(0, m − ‖a − b‖)² over pairs of two (Hadsell, Chopra and
 * LeCun, "Dimensionality reduction by learning an invariant mapping", CVPR 2006, equation 4), between embeddings that are
 * brought to length 1.
 *
 * @param embeddings one face a row, [faces, dimension].
 * @param pairs which rows are compared; with none the loss is 0.
 * @param options `margin` is m, a distance that is not squared, above 0. Default: 1.
 * @returns a scalar, 0 or more.
 * @throws {FaceNetError} `option-invalid` for a margin that is not above 0, or a row that is not there.
 */
export function contrastiveLoss(
  tf: TensorFlowCore,
  embeddings: Tensor2D,
  pairs: readonly LabelledRows[],
  { margin = 1 }: { margin?: number } = {},
): Scalar {
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
    const missing = tf.relu(tf.sub(margin, tf.sqrt(tf.add(squares, tiny))));
    const costs = tf.add(tf.mul(same, squares), tf.mul(tf.sub(1, same), tf.square(missing)));
    return tf.mul<Scalar>(0.5, tf.sum(costs));
  });
}

/**
 * The large-margin cosine loss, the mean over the faces of −log(exp(s(cos θ_y − m)) / (exp(s(cos θ_y − m)) + Σ exp(s cos θ_j))),
 * where θ_j is the angle between a face and the direction of person j, and y is whose the face is (CosFace, arXiv 1801.09414,
 * equation 4). Faces and directions are brought to length 1.
 *
 * @param embeddings one face a row, [faces, dimension].
 * @param people the direction of each person, [dimension, people]; it is learned with the network.
 * @param labels for each face its person: a column of `people`.
 * @returns a scalar, 0 or more.
 * @throws {FaceNetError} `option-invalid` for an impossible scale or margin, or labels that do not fit the faces and people.
 */
export function largeMarginCosineLoss(
  tf: TensorFlowCore,
  embeddings: Tensor2D,
  people: Tensor2D,
  labels: readonly number[],
  { scale = 64, margin = 0.35 }: CosineLossOptions = {},
): Scalar {
  const [faces, dimension] = embeddings.shape;
  const [length, count] = people.shape;
  if (!(scale > 0)) throw new FaceNetError('option-invalid', `scale is ${scale}: use a number above 0.`);
  if (!(margin >= 0 && margin <= 2)) {
    throw new FaceNetError('option-invalid', `margin is ${margin}: use a number from 0 to 2.`);
  }
  if (length !== dimension) {
    throw new FaceNetError(
      'option-invalid',
      `people has ${length} rows: it needs one for each of ${dimension} numbers.`,
    );
  }
  if (labels.length !== faces || faces === 0) {
    throw new FaceNetError(
      'option-invalid',
      `There are ${labels.length} labels for ${faces} faces: pass one for each.`,
    );
  }
  return tf.tidy(() => {
    const cosines = tf.matMul(unitRows(tf, embeddings), unitRows(tf, tf.transpose(people)), false, true);
    const own = oneHotRows(tf, labels, count);
    const logits = tf.mul(scale, tf.sub(cosines, tf.mul(margin, own)));
    return tf.neg<Scalar>(tf.mean(tf.sum(tf.mul(own, tf.logSoftmax(logits)), 1)));
  });
}

/**
 * Vectors brought to length 1, row by row; a row of zeros stays one.
 *
 * @param rows of shape [rows, dimension].
 */
export function unitRows(tf: TensorFlowCore, rows: Tensor2D): Tensor2D {
  const squares = tf.sum(tf.square(rows), 1, true);
  return tf.div(rows, tf.sqrt(tf.maximum(squares, tiny)));
}

/** ‖aᵢ − bᵢ‖² of each row i. */
function squaredDistances(tf: TensorFlowCore, a: Tensor2D, b: Tensor2D): Tensor1D {
  return tf.sum(tf.squaredDifference(a, b), 1);
}

/** The named rows. As a product, since the WebAssembly backend cannot differentiate a gather. */
function pickRows(tf: TensorFlowCore, matrix: Tensor2D, rows: readonly number[]): Tensor2D {
  return tf.matMul(oneHotRows(tf, rows, matrix.shape[0]), matrix);
}

/** For each index a row of `length` numbers: 1 at that index, 0 elsewhere. */
function oneHotRows(tf: TensorFlowCore, indices: readonly number[], length: number): Tensor2D {
  const values = new Float32Array(indices.length * length);
  indices.forEach((index, row) => {
    if (!Number.isInteger(index) || index < 0 || index >= length) {
      throw new FaceNetError('option-invalid', `There is no number ${index} among ${length}: count from 0.`);
    }
    values[row * length + index] = 1;
  });
  return tf.tensor2d(values, [indices.length, length]);
}
