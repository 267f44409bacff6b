import type { Pixels } from '../core/types.ts';
import { mirrored } from '../image/mirror.ts';
import type { EmbeddingMeasures } from '../quality/quality.ts';
import { lengthOf, meanOf, unit } from './vectors.ts';

/** The images that are embedded in place of an aligned crop, and how their vectors become one embedding. */
export interface CropViews {
  /** The number of images per crop. */
  readonly count: number;
  /** The images of a crop. */
  of(crop: Pixels): Iterable<Pixels>;
  /** The embedding of a face. @param vectors the network's outputs for the images of all crops of a face. */
  join(vectors: readonly Float32Array[]): { embedding: Float32Array } & EmbeddingMeasures;
}

/** The crop alone. */
export const singleView: CropViews = { count: 1, of: (crop) => [crop], join: meanOfDirections };

/** The crop and its mirror image. */
export const mirrorViews: CropViews = { count: 2, of: (crop) => [crop, mirrored(crop)], join: meanOfDirections };

/** The mean of the vectors, each scaled to length 1. */
function meanOfDirections(vectors: readonly Float32Array[]) {
  const mean = meanOf(vectors.map(unit));
  const magnitude = vectors.reduce((sum, vector) => sum + lengthOf(vector), 0) / vectors.length;
  return { embedding: unit(mean), magnitude, ...(vectors.length > 1 && { stability: lengthOf(mean) }) };
}
