import { boxAround } from '../core/math.ts';
import type { Face, Point, TemplateName } from '../core/types.ts';

/**
 * The box of the detector in an aligned crop, as fractions of the crop's side: the medians over the photos of LFW, where
 * the standard deviations are 0.10 across, 0.04 down and 0.04 of the side.
 */
const boxes: Readonly<Record<TemplateName, { centre: Point; side: number }>> = {
  dlib: { centre: { x: 0.5, y: 0.52 }, side: 0.89 },
  arcface: { centre: { x: 0.5, y: 0.65 }, side: 0.8 },
};

/**
 * The face of an aligned crop, as a detector would report it: for finding the landmarks in a crop, without a detection.
 *
 * @param size the crop's side in pixels.
 */
export function faceInCrop(template: TemplateName, size: number): Face {
  const { centre, side } = boxes[template];
  return { score: 1, roll: 0, box: boxAround({ x: centre.x * size, y: centre.y * size }, side * size, side * size) };
}
