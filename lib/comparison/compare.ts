import { FaceNetError } from '../errors.ts';
import { distances, type Metric } from './distance.ts';

/** What a comparison found. */
export interface Verdict {
  /** Whether the two are taken for the same person: `distance <= threshold`. */
  same: boolean;
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

/** What decides how a model's embeddings are compared. */
export interface ComparisonRule {
  model: string;
  dimension: number;
  metric: Metric;
  threshold: number;
}

/**
 * Compares two embeddings of one model.
 *
 * @throws {FaceNetError} `model-mismatch` when an embedding was made by another model than the rule's, or is not as long.
 */
export function compareEmbeddings(
  a: LabelledEmbedding | Float32Array,
  b: LabelledEmbedding | Float32Array,
  rule: ComparisonRule,
): Verdict {
  const distance = distances[rule.metric](vector(a, rule), vector(b, rule));
  return { same: distance <= rule.threshold, distance, threshold: rule.threshold };
}

function vector(value: LabelledEmbedding | Float32Array, rule: ComparisonRule): Float32Array {
  const embedding = value instanceof Float32Array ? value : value?.embedding;
  const model = value instanceof Float32Array ? rule.model : value?.model;
  if (!(embedding instanceof Float32Array)) {
    throw new FaceNetError('option-invalid', 'compare() takes embeddings, or faces that embed() returned.');
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
  return embedding;
}
