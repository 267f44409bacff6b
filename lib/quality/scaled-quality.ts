import type { Quality } from '../core/types.ts';
import { measuredComponent } from './advice-limits.ts';
import { interEyeDistance } from './scores.ts';

/**
 * Converts the quality of a face in a resized picture to the pixels of the original. Only the measures of the size of the face in pixels
 * change: the other components of the geometry are ratios, and those of the crop, and `overall`, describe the pixels that were embedded.
 *
 * @param scale from lengths in the resized picture to lengths in the original.
 */
export function scaledQuality(quality: Quality, scale: number): Quality {
  const { eyeDistance, components } = quality;
  const size = components.interEyeDistance;
  return {
    ...quality,
    eyeDistance: eyeDistance * scale,
    components: {
      ...components,
      ...(size && {
        interEyeDistance: measuredComponent('interEyeDistance', interEyeDistance(size.value * scale)),
      }),
    },
  };
}
