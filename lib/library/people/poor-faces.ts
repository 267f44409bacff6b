import type { Calibration } from '../../core/types.ts';
import type { FaceRow } from '../storage/tables.ts';

/**
 * Whether a face is left out of grouping, unless a correction puts it into a person: its quality is low, its embedding is as
 * similar to strangers as those of unusable pictures, or it has none.
 *
 * @param calibration of the model of the embedding.
 */
export function isPoor(
  { quality, strangerSimilarity = 0, embedding }: Pick<FaceRow, 'quality' | 'strangerSimilarity' | 'embedding'>,
  minQuality: number,
  { conditional }: Calibration,
): boolean {
  if (quality < minQuality || strangerSimilarity > (conditional?.limit ?? Number.POSITIVE_INFINITY)) return true;
  return embedding.every((value) => value === 0);
}
