import { checkedOptions } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Abortable, Calibration, Metric } from '../core/types.ts';
import { probabilityAt, thresholdFor } from './calibration.ts';
import { distances } from './distance.ts';

/** What a comparison found. */
export interface Verdict {
  /** Whether the two are taken for the same person: `distance <= threshold`. */
  same: boolean;
  /**
   * How likely it is that the two are of one person, 0 to 1, when as many comparisons are of one person as of two: fitted to
   * pairs whose truth is known, not a rescaled distance.
   */
  probability: number;
  /** The distance of the two embeddings in the embedder's metric; 0 or more, smaller is more alike. */
  distance: number;
  /** The distance up to which two faces are taken for the same person. */
  threshold: number;
}

/** An embedding that says which model made it; every {@link EmbeddedFace} is one. */
export interface LabelledEmbedding {
  embedding: Float32Array;
  model: string;
}

/** What {@link FaceNet.compare} can be told. */
export interface CompareOptions {
  /**
   * The false-accept rate: of pairs of two people, the share that may be taken for one. Less is stricter towards strangers
   * and refuses more pairs of one person. Default: 0.001.
   */
  far?: number;
}

/** What decides how a model's embeddings are compared. */
export interface ComparisonRule {
  model: string;
  dimension: number;
  metric: Metric;
  calibration: Calibration;
}

/**
 * Compares two embeddings of one model.
 *
 * @throws {FaceNetError} `model-mismatch` when an embedding was made by another model than the rule's, or is not as long;
 *   `option-invalid` for one whose numbers are not all finite, options that are no object, or a
 *   false-accept rate beyond what the calibration was fitted for.
 */
export function compareEmbeddings(
  a: LabelledEmbedding | Float32Array,
  b: LabelledEmbedding | Float32Array,
  rule: ComparisonRule,
  options: CompareOptions = {},
): Verdict {
  const { far = 1e-3 } = checkedOptions<CompareOptions & Abortable>(options);
  const threshold = thresholdFor(far, rule.calibration);
  const distance = distances[rule.metric](embeddingOf(a, rule), embeddingOf(b, rule));
  return { same: distance <= threshold, probability: probabilityAt(distance, rule.calibration), distance, threshold };
}

/**
 * The embedding itself, when it is one that the rule is for; a bare one is taken for the rule's model.
 *
 * @throws {FaceNetError} `model-mismatch` or `option-invalid`.
 */
export function embeddingOf(value: LabelledEmbedding | Float32Array, rule: ComparisonRule): Float32Array {
  const embedding = value instanceof Float32Array ? value : value?.embedding;
  const model = value instanceof Float32Array ? rule.model : value?.model;
  if (!(embedding instanceof Float32Array)) {
    throw new FaceNetError('option-invalid', 'Not an embedding: pass one, or a face that embed() returned.');
  }
  if (model !== rule.model) {
    throw new FaceNetError(
      'model-mismatch',
      `The embedding was made by "${model}", but "${rule.model}" is loaded: embed both faces with one model.`,
    );
  }
  if (embedding.length !== rule.dimension) {
    throw new FaceNetError(
      'model-mismatch',
      `The embedding has ${embedding.length} numbers where "${rule.model}" makes ${rule.dimension}: embed both faces with one model.`,
    );
  }
  if (!embedding.every(Number.isFinite)) {
    throw new FaceNetError('option-invalid', 'The embedding holds numbers that are not finite: embed the face again.');
  }
  return embedding;
}
