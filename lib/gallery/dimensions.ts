import type { ComparisonRule } from '../comparison/compare.ts';
import { maxDimension, requireAtMost } from './limits.ts';
import type { StoredTemplate } from './records.ts';

type Embedded = Pick<StoredTemplate, 'model' | 'embedding'>;

/**
 * Whether an embedding can be compared by a rule. One with another number of elements than those of its model is treated as that of
 * another model: an earlier build imported such embeddings of models that the gallery did not compare with.
 */
export function isComparable(
  { model, embedding }: Embedded,
  rule: Pick<ComparisonRule, 'model' | 'dimension'>,
): boolean {
  return model === rule.model && embedding.length === rule.dimension;
}

/**
 * Checks that an export can have an embedding.
 *
 * @param dimensions the number of elements of the embeddings of each model. That of a model without one is added.
 * @returns a description of the embedding if it has another number; undefined otherwise.
 * @throws {FaceNetError} `option-invalid` for more than 2^16 elements.
 */
export function wrongDimension({ model, embedding }: Embedded, dimensions: Map<string, number>): string | undefined {
  const { length } = embedding;
  requireAtMost(maxDimension, length, 'An embedding', 'elements');
  const expected = dimensions.get(model) ?? length;
  dimensions.set(model, expected);
  return length === expected ? undefined : `embedding of "${model}" with ${length} elements instead of ${expected}`;
}
