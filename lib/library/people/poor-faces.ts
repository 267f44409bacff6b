import { strangerSimilarityOf } from '../../comparison/conditional.ts';
import type { Calibration } from '../../core/types.ts';
import type { FaceRow } from '../storage/tables.ts';

/**
 * Whether a face is left out of grouping, unless a correction puts it into a person: its quality is low, its embedding is as
 * similar to strangers as those of unusable pictures, or it has none.
 *
 * @param calibration of the model of the embedding. A similarity to strangers of another calibration is not used.
 */
export function isPoor(
  { quality, embedding, ...rating }: Pick<FaceRow, 'quality' | 'strangerSimilarity' | 'strangerModel' | 'embedding'>,
  minQuality: number,
  calibration: Calibration,
): boolean {
  const similarity = strangerSimilarityOf({ quality: rating }, calibration) ?? Number.NEGATIVE_INFINITY;
  if (quality < minQuality || similarity > (calibration.conditional?.limit ?? Number.POSITIVE_INFINITY)) return true;
  return embedding.every((value) => value === 0);
}
