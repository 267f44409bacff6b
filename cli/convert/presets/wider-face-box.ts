import type { BoxRule, LandmarksDescriptor } from '../../../lib/models/manifest.ts';

/**
 * From the boxes of detectors that were trained on WIDER FACE to the extent of BlazeFace's: the median size and position of
 * BlazeFace's boxes, relative to those of Ultra-Light (RFB-320) for the same faces in 102 images of LFW (docs/own-detectors.md).
 */
export const widerFaceBox: BoxRule = { scale: 0.81, shift: 0.1 };

/** The crop of a landmarker that was trained on squares about such boxes, with `scale` times the box's longer side. */
export function cropAroundWiderFaceBox(scale: number): LandmarksDescriptor['crop'] {
  return { scale: scale / widerFaceBox.scale, shift: -widerFaceBox.shift / widerFaceBox.scale };
}
