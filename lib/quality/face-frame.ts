import type { Landmarks, Pixels, Point } from '../core/types.ts';
import { distance, eyeCentres, midpoint, mouthCorners } from './geometry.ts';

/**
 * A position in a face: x from the midpoint of the eyes to the right of the picture, in distances between the eyes; y downwards, in
 * distances of the mouth from the eyes.
 */
export type FacePosition = readonly [x: number, y: number];

/** Coordinates of a face in its crop. They follow the roll of the head. */
export interface FaceFrame {
  /** The position in the crop, in pixels. */
  at(x: number, y: number): Point;
  /** The distance between the eyes, in pixels of the crop. */
  eyeDistance: number;
}

/** The coordinates of a face. @param landmarks the face's landmarks, in pixels of the crop. */
export function faceFrame(landmarks: Landmarks): FaceFrame {
  const { right, left } = eyeCentres(landmarks);
  const corners = mouthCorners(landmarks);
  const mouth = midpoint(corners.right, corners.left);
  const origin = midpoint(right, left);
  const eyeDistance = distance(right, left);
  const [u, v] = [(left.x - right.x) / eyeDistance, (left.y - right.y) / eyeDistance];
  const height = distance(origin, mouth);
  return {
    eyeDistance,
    at: (x, y) => ({
      x: origin.x + x * eyeDistance * u - y * height * v,
      y: origin.y + x * eyeDistance * v + y * height * u,
    }),
  };
}

/** The index of the pixels of a rectangle of the face, about one for each pixel of the crop. Those outside the crop are left out. */
export function patchOf(
  { at, eyeDistance }: FaceFrame,
  { width, height }: Pixels,
  [left, top]: FacePosition,
  [right, bottom]: FacePosition,
): number[] {
  const columns = Math.max(2, Math.round((right - left) * eyeDistance));
  const rows = Math.max(2, Math.round((bottom - top) * eyeDistance));
  const indices: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const { x, y } = at(
        left + ((column + 0.5) / columns) * (right - left),
        top + ((row + 0.5) / rows) * (bottom - top),
      );
      const [i, j] = [Math.floor(x), Math.floor(y)];
      if (i >= 0 && j >= 0 && i < width && j < height) indices.push(j * width + i);
    }
  }
  return indices;
}
