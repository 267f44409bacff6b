import type { Affine } from '../image/affine.ts';
import { type PixelSource, warp } from '../image/warp.ts';
import { type Anchor, anchor } from '../landmarks/schemes.ts';
import type { Landmarks, Pixels, Point } from '../types.ts';
import { similarity } from './similarity.ts';
import { type TemplateName, templates } from './templates.ts';

/**
 * The similarity transform that takes a position in the aligned crop to the position in the source.
 *
 * @param landmarks the face's landmarks, in source pixels.
 * @param template which crop template the anchors are laid on.
 * @param size the crop's side in pixels.
 */
export function alignment(landmarks: Landmarks, template: TemplateName, size: number): Affine {
  const anchors = Object.entries(templates[template]) as [Anchor, Point][];
  const inCrop = anchors.map(([, { x, y }]) => ({ x: x * size, y: y * size }));
  const inSource = anchors.map(([name]) => anchor(landmarks, name));
  return similarity(inCrop, inSource);
}

/**
 * Cuts the upright, aligned crop of a face out of the original pixels. A head that is rolled comes out upright.
 *
 * @param source the picture.
 * @param landmarks the face's landmarks, in source pixels.
 * @param template which crop template to lay the face on.
 * @param size the crop's side in pixels.
 */
export function alignedCrop(source: PixelSource, landmarks: Landmarks, template: TemplateName, size: number): Pixels {
  return warp(source, alignment(landmarks, template, size), size, size);
}
