import type { Box, Landmarks, Pixels, Point, TemplateName } from '../core/types.ts';
import type { Affine } from '../image/affine.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import { mean, similarity } from '../image/similarity.ts';
import { warp } from '../image/warp.ts';
import { boxOf } from '../landmarks/bounds.ts';
import { type Anchor, anchor } from '../landmarks/schemes.ts';
import { boxCrop } from './box-crop.ts';
import { chipTransform, dlibChip } from './classical/dlib-chip.ts';
import { defaultLeftEye, faceAlignerCrop, faceAlignerTransform } from './classical/face-aligner.ts';
import type { CropFormat } from './crop-format.ts';
import { dlibTemplate, type Template, templates } from './templates.ts';

/**
 * Computes the transform from a position in the aligned crop to a position in the source: a similarity transform, or
 * for the templates `facenet` and `box` one without rotation whose scale may differ along the axes.
 *
 * @param landmarks the face's landmarks, in source pixels.
 * @param template the crop template that the anchors are fitted to.
 * @param size the crop's side in pixels.
 * @param zoom 1 keeps the template's margin; 1.1 covers a tenth more in each direction, 0.9 a tenth less.
 * @throws {FaceNetError} `option-invalid` when the landmarks lack what the template needs.
 */
export function alignment(landmarks: Landmarks, template: TemplateName, size: number, zoom = 1): Affine {
  if (template === 'facenet') return boxCrop(landmarks, size, zoom);
  if (template === 'box') return plainCrop(boxOf(landmarks), size, size);
  if (template === 'dlib-chip') return betweenPixels(chipTransform(landmarks, size, paddingFor(zoom)));
  if (template === 'face-aligner') {
    return betweenPixels(faceAlignerTransform(landmarks, { width: size, height: size, leftEye: defaultLeftEye }));
  }
  return placed(landmarks, templates[template], size, zoom);
}

/** The similarity transform that places landmarks on a template. */
function placed(landmarks: Landmarks, template: Template, size: number, zoom = 1): Affine {
  const anchors = Object.entries(template) as [Anchor, Point][];
  const inCrop = anchors.map(([, { x, y }]) => ({ x: x * size, y: y * size }));
  const inSource = anchors.map(([name]) => anchor(landmarks, name));
  return similarity(inCrop, zoom === 1 ? inSource : scaleAboutMean(inSource, zoom));
}

/** Scales points about their mean. */
function scaleAboutMean(points: readonly Point[], factor: number): Point[] {
  const { x, y } = mean(points);
  return points.map((point) => ({ x: x + (point.x - x) * factor, y: y + (point.y - y) * factor }));
}

/** The transform that stretches a box to a crop, without a margin. */
export function plainCrop({ x, y, width, height }: Box, cropWidth: number, cropHeight: number): Affine {
  return { a: width / cropWidth, b: 0, c: 0, d: height / cropHeight, e: x, f: y };
}

/** The padding of dlib's chip at a zoom: 0.25 at 1. */
function paddingFor(zoom: number): number {
  return (1.5 * zoom - 1) / 2;
}

/** From a transform between the indices of pixels to one between positions, where the centre of the first pixel is at 0.5. */
function betweenPixels({ a, b, c, d, e, f }: Affine): Affine {
  return { a, b, c, d, e: e + 0.5 - 0.5 * (a + c), f: f + 0.5 - 0.5 * (b + d) };
}

/**
 * Cuts the aligned crop of a face out of the original pixels. A rolled head is upright in the crop; with the templates `facenet` and `box`,
 * which are boxes of the picture, it keeps its roll.
 *
 * @param landmarks the face's landmarks, in source pixels.
 * @param format the template that the face is fitted to, and the size of the crop.
 * @throws {FaceNetError} `option-invalid` when the landmarks lack what the template needs.
 */
export function alignedCrop(source: PixelSource, landmarks: Landmarks, format: CropFormat): Pixels {
  const { template, size, zoom, padding = paddingFor(zoom), height = size, leftEye = defaultLeftEye } = format;
  if (template === 'dlib' && format.padding !== undefined) {
    return warp(source, placed(landmarks, dlibTemplate(format.padding), size), size, size);
  }
  if (template === 'dlib-chip') return dlibChip(source, landmarks, size, padding);
  if (template === 'face-aligner') return faceAlignerCrop(source, landmarks, { width: size, height, leftEye });
  if (template === 'box') return warp(source, plainCrop(boxOf(landmarks), size, height), size, height);
  return warp(source, alignment(landmarks, template, size, zoom), size, size);
}
