import type { Landmarks, Pixels, Point, TemplateName } from '../core/types.ts';
import type { Affine } from '../image/affine.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import { warp } from '../image/warp.ts';
import { type Anchor, anchor } from '../landmarks/schemes.ts';
import { mean, similarity } from './similarity.ts';
import { templates } from './templates.ts';

/**
 * The similarity transform that takes a position in the aligned crop to the position in the source.
 *
 * @param landmarks the face's landmarks, in source pixels.
 * @param template which crop template the anchors are laid on.
 * @param size the crop's side in pixels.
 * @param zoom 1 keeps the template's margin; 1.1 shows a tenth more to every side of the anchors, 0.9 a tenth less.
 */
export function alignment(landmarks: Landmarks, template: TemplateName, size: number, zoom = 1): Affine {
  const anchors = Object.entries(templates[template]) as [Anchor, Point][];
  const inCrop = anchors.map(([, { x, y }]) => ({ x: x * size, y: y * size }));
  const inSource = anchors.map(([name]) => anchor(landmarks, name));
  return similarity(inCrop, zoom === 1 ? inSource : spread(inSource, zoom));
}

/** Points moved away from their mean. */
function spread(points: readonly Point[], factor: number): Point[] {
  const { x, y } = mean(points);
  return points.map((point) => ({ x: x + (point.x - x) * factor, y: y + (point.y - y) * factor }));
}

/**
 * Cuts the upright, aligned crop of a face out of the original pixels. A head that is rolled comes out upright.
 *
 * @param source the picture.
 * @param landmarks the face's landmarks, in source pixels.
 * @param template which crop template to lay the face on.
 * @param size the crop's side in pixels.
 * @param zoom 1 keeps the template's margin; 1.1 shows a tenth more to every side of the face, 0.9 a tenth less.
 */
export function alignedCrop(
  source: PixelSource,
  landmarks: Landmarks,
  template: TemplateName,
  size: number,
  zoom = 1,
): Pixels {
  return warp(source, alignment(landmarks, template, size, zoom), size, size);
}
