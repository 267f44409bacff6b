import type { ComparisonRule } from '../comparison/compare.ts';
import { FaceNetError } from '../core/errors.ts';
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
 * @throws {FaceNetError} `model-mismatch` for another number; `option-invalid` for more than 2^16.
 */
export function requireDimension({ model, embedding }: Embedded, dimensions: Map<string, number>): void {
  const { length } = embedding;
  requireAtMost(maxDimension, length, 'An embedding', 'elements');
  const expected = dimensions.get(model) ?? length;
  dimensions.set(model, expected);
  if (length === expected) return;
  throw new FaceNetError(
    'model-mismatch',
    `An embedding of "${model}" has ${length} elements instead of ${expected}: remove or reembed its face, and export again.`,
  );
}
