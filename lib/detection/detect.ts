import { type Affine, apply, scaleOf } from '../image/affine.ts';
import { type PixelSource, warp } from '../image/warp.ts';
import type { Face, Keypoints } from '../types.ts';
import type { Detector } from './detector.ts';
import { intersectionOverSmaller, intersectionOverUnion, suppress } from './suppression.ts';
import { views } from './views.ts';

/** What a caller may ask of detection. */
export interface DetectionLimits {
  /** The lowest score that a face may have, 0 to 1. */
  minScore: number;
  /** The most faces to return. */
  maxFaces: number;
}

/**
 * Finds the faces in a picture: shows the detector the whole of it and, where faces could be too small or too tilted for
 * that, parts and turns of it; then brings what it found back to source pixels and keeps each face once.
 *
 * @returns the faces, strongest first.
 */
export async function detectFaces(
  picture: PixelSource,
  detector: Detector,
  { minScore, maxFaces }: DetectionLimits,
): Promise<Face[]> {
  const size = detector.inputSize;
  const toSource = views(picture, size);
  const found = await detector.find(toSource.map((view) => warp(picture, view, size, size)));
  const faces = found.flatMap((inView, i) => inView.map((face) => toSourcePixels(face, toSource[i] as Affine)));
  return suppress(
    faces.filter(({ score }) => score >= minScore),
    ({ box: a }, { box: b }) => intersectionOverUnion(a, b) > 0.3 || intersectionOverSmaller(a, b) > 0.6,
  ).slice(0, maxFaces);
}

/** A face of a view in source pixels. Its box stays upright: its centre and its size are what the view turns and scales. */
function toSourcePixels({ box, score, keypoints }: Face, view: Affine): Face {
  const scale = scaleOf(view);
  const centre = apply(view, { x: box.x + box.width / 2, y: box.y + box.height / 2 });
  const width = box.width * scale;
  const height = box.height * scale;
  const points = Object.entries(keypoints).map(([name, point]) => [name, apply(view, point)]);
  return {
    score,
    box: { x: centre.x - width / 2, y: centre.y - height / 2, width, height },
    keypoints: Object.fromEntries(points) as Keypoints,
  };
}
