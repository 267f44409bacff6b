import type { Landmarks, Pixels, Point, TemplateName } from '../core/types.ts';
import type { Affine } from '../image/affine.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import { warp } from '../image/warp.ts';
import { type Anchor, anchor } from '../landmarks/schemes.ts';
import { boxCrop } from './box-crop.ts';
import { mean, similarity } from './similarity.ts';
import { templates } from './templates.ts';

/**
 * Computes the transform from a position in the aligned crop to a position in the source: a similarity transform, or
 * for the template `facenet` one without rotation whose scale may differ along the axes.
 *
 * @param landmarks the face's landmarks, in source pixels.
 * @param template the crop template that the anchors are fitted to.
 * @param size the crop's side in pixels.
 * @param zoom 1 keeps the template's margin; 1.1 covers a tenth more in each direction, 0.9 a tenth less.
 * @throws {FaceNetError} `option-invalid` when the landmarks lack what the template needs.
 */
export function alignment(landmarks: Landmarks, template: TemplateName, size: number, zoom = 1): Affine {
  if (template === 'facenet') return boxCrop(landmarks, size, zoom);
  const anchors = Object.entries(templates[template]) as [Anchor, Point][];
  const inCrop = anchors.map(([, { x, y }]) => ({ x: x * size, y: y * size }));
  const inSource = anchors.map(([name]) => anchor(landmarks, name));
  return similarity(inCrop, zoom === 1 ? inSource : scaleAboutMean(inSource, zoom));
}

/** Scales points about their mean. */
function scaleAboutMean(points: readonly Point[], factor: number): Point[] {
  const { x, y } = mean(points);
  return points.map((point) => ({ x: x + (point.x - x) * factor, y: y + (point.y - y) * factor }));
}

/**
 * Cuts the aligned crop of a face, a square of `size` pixels, out of the original pixels. A rolled head is upright in the
 * crop; with the template `facenet`, which is a box of the picture, it keeps its roll.
 *
 * @param landmarks the face's landmarks, in source pixels.
 * @param template the crop template that the face is fitted to.
 * @param size the crop's side in pixels.
 * @param zoom 1 keeps the template's margin; 1.1 covers a tenth more in each direction, 0.9 a tenth less.
 * @throws {FaceNetError} `option-invalid` when the landmarks lack what the template needs.
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
