import type { Point, TemplateName } from '../core/types.ts';
import type { Anchor } from '../landmarks/schemes.ts';

/** The positions of anchors in an aligned crop, as fractions of the crop's side. */
export type Template = Readonly<Partial<Record<Anchor, Point>>>;

/**
 * The corners of the eyes and the base of the nose in the mean face of `get_face_chip_details` (dlib, image_transforms/interpolation.h):
 * those of its 68 points that dlib's five-point landmarks have as well.
 */
const meanFace: Template = {
  rightEyeOuter: { x: 0.1205750620789, y: 0.2137274526848 },
  rightEyeInner: { x: 0.3340850613712, y: 0.2290642403242 },
  leftEyeInner: { x: 0.6460604764104, y: 0.2289674387677 },
  leftEyeOuter: { x: 0.8595674595992, y: 0.2134981538014 },
  noseBase: { x: 0.4901123135679, y: 0.6277975316475 },
};

/** dlib's face chip. @param padding the margin about the mean face, as a share of its size. */
export function dlibTemplate(padding: number): Template {
  const map = (value: number) => (padding + value) / (2 * padding + 1);
  return mapPoints(meanFace, ({ x, y }) => ({ x: map(x), y: map(y) }));
}

/** With the padding on which dlib's ResNet was trained. */
const dlib = dlibTemplate(0.25);

/** ArcFace's 112×112 crop (InsightFace, utils/face_align.py). */
const arcface = fractions(112, {
  rightEye: { x: 38.2946, y: 51.6963 },
  leftEye: { x: 73.5318, y: 51.5014 },
  noseTip: { x: 56.0252, y: 71.7366 },
  rightMouthCorner: { x: 41.5493, y: 92.3655 },
  leftMouthCorner: { x: 70.7299, y: 92.2041 },
});

/** The alignment templates that place landmarks, by name. */
export const templates: Readonly<Record<'dlib' | 'arcface', Template>> = { dlib, arcface };

/** The names of all alignment templates. */
export const templateNames: readonly TemplateName[] = [
  'dlib',
  'arcface',
  'facenet',
  'dlib-chip',
  'face-aligner',
  'box',
];

function fractions(size: number, template: Template): Template {
  return mapPoints(template, ({ x, y }) => ({ x: x / size, y: y / size }));
}

function mapPoints(template: Template, map: (point: Point) => Point): Template {
  return Object.fromEntries(Object.entries(template).map(([name, point]) => [name, map(point)]));
}
