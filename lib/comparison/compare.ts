import { checkedNames } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import { isTypedArray } from '../core/typed-arrays.ts';
import type { Calibration, Metric } from '../core/types.ts';
import { thresholdFor } from './calibration.ts';
import { type Judgement, judge, pairSimilarity, type RatedFace } from './conditional.ts';
import { distances } from './distance.ts';

/** The false-accept rate of a comparison by default. */
export const defaultFar = 1e-3;

/** The result of a comparison. */
export interface Verdict extends Judgement {
  /** The distance of the embeddings in the embedder's metric: 0 or more, smaller is more similar. */
  distance: number;
}

/** An embedding with the name of its model. Every {@link EmbeddedFace} satisfies it. */
export interface LabelledEmbedding extends RatedFace {
  /** The embedding, of length 1. */
  embedding: Float32Array;
  /** The name of the model that made it. Embeddings of different models cannot be compared. */
  model: string;
}

/** Options of {@link FaceNet.compare}. */
export interface CompareOptions {
  /**
   * The false-accept rate: the share of pairs of different people that may be accepted. A lower rate also rejects more
   * pairs of the same person.
   *
   * @default 0.001
   */
  far?: number;
}

/** How the embeddings of a model are compared. */
export interface ComparisonRule {
  /** The name of the model. */
  model: string;
  /** The number of elements of an embedding. */
  dimension: number;
  /** The metric of the distances. */
  metric: Metric;
  /** What the distances mean: probabilities, and thresholds by their false-accept rate. */
  calibration: Calibration;
}

/**
 * Compares two embeddings of one model. If the quality of both faces is known, and measured by the rule's calibration, so are the distances
 * of strangers in photos of this quality, and the threshold follows them.
 *
 * @throws {FaceNetError} `model-mismatch` for an embedding of another model or length than the rule's; `option-invalid`
 *   for a non-finite embedding, options that are not an object, or a false-accept rate outside the range of the
 *   calibration.
 */
export function compareEmbeddings(
  a: LabelledEmbedding | Float32Array,
  b: LabelledEmbedding | Float32Array,
  rule: ComparisonRule,
  options: CompareOptions = {},
): Verdict {
  const { far = defaultFar } = checkedNames(options, { far: true });
  const threshold = thresholdFor(far, rule.calibration);
  const distance = distances[rule.metric](embeddingOf(a, rule), embeddingOf(b, rule));
  return {
    ...judge(distance, threshold, pairSimilarity(rated(a), rated(b), rule.calibration), rule.calibration),
    distance,
  };
}

/** What a comparison needs to know of a face beside its embedding. A bare `Float32Array` has no quality. */
export function rated(value: LabelledEmbedding | Float32Array): RatedFace {
  return isTypedArray(value, 'Float32Array') ? {} : value;
}

/**
 * Checks an embedding against a rule. A bare `Float32Array` is assumed to be of the rule's model.
 *
 * @returns the embedding.
 * @throws {FaceNetError} `model-mismatch`, also for a bare vector that is not of length 1, or `option-invalid`.
 */
export function embeddingOf(value: LabelledEmbedding | Float32Array, rule: ComparisonRule): Float32Array {
  const embedding = isTypedArray(value, 'Float32Array') ? value : value?.embedding;
  const model = isTypedArray(value, 'Float32Array') ? rule.model : value?.model;
  if (!isTypedArray(embedding, 'Float32Array')) {
    throw new FaceNetError(
      'option-invalid',
      'The value is not an embedding: pass a Float32Array, or a face returned by embed().',
    );
  }
  if (model !== rule.model) {
    throw new FaceNetError(
      'model-mismatch',
      `The embedding is of "${model}", but "${rule.model}" is in use: embed that face again, or use FaceNet.load({ embedder: "${model}" }).`,
    );
  }
  if (embedding.length !== rule.dimension) {
    throw new FaceNetError(
      'model-mismatch',
      `The embedding has ${embedding.length} elements, those of "${rule.model}" have ${rule.dimension}: embed both faces with the same model.`,
    );
  }
  requireFinite(embedding);
  if (embedding === value) requireUnitLength(value);
  return embedding;
}

/** @throws {FaceNetError} `option-invalid` for an embedding with NaN or infinite elements. */
export function requireFinite(embedding: Float32Array): void {
  if (embedding.every(Number.isFinite)) return;
  throw new FaceNetError('option-invalid', 'The embedding has elements that are not finite: embed the face again.');
}

/**
 * Vectors of other libraries are recognised by their length: those of face-api have about 1.41. Rounding changes it by less than 1 %.
 *
 * @throws {FaceNetError} `model-mismatch` for a vector that is not of length 1.
 */
export function requireUnitLength(vector: Float32Array): void {
  const length = Math.hypot(...vector);
  if (Math.abs(length - 1) <= 0.01) return;
  throw new FaceNetError(
    'model-mismatch',
    `The vector has the length ${length.toPrecision(3)}, and every embedding of this library has the length 1: embed the face again with embed(). Descriptors of other libraries cannot be compared.`,
  );
}
