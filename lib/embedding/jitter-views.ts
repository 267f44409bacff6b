import { jitteredCopies } from '../alignment/classical/jitter.ts';
import type { CropViews } from './crop-views.ts';
import { lengthOf, meanOf, unit } from './vectors.ts';

/**
 * Copies of the crop that are shifted, scaled, rotated and mirrored at random. The magnitude is the length of the mean of the vectors, which
 * are not scaled before, as in dlib's `compute_face_descriptor` with `num_jitters`.
 *
 * @param count the number of copies, at least 2.
 */
export function jitterViews(count: number): CropViews {
  return {
    count,
    of: (crop) => jitteredCopies(crop, count),
    join(vectors) {
      const mean = meanOf(vectors);
      return { embedding: unit(mean), magnitude: lengthOf(mean) };
    },
  };
}
