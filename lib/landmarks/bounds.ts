import type { Box, LandmarkedFace, Landmarks, Point } from '../core/types.ts';
import { direction } from '../image/affine.ts';
import { anchor } from './schemes.ts';

/** The bounding box of points. */
export function boundsOf(points: readonly Point[]): Box {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** The direction of the line from the right to the left eye, clockwise on the screen, in radians from −π to π. */
export function rollOf(landmarks: Landmarks): number {
  return direction(anchor(landmarks, 'rightEye'), anchor(landmarks, 'leftEye'));
}

/** A face from landmarks alone: its box is their bounds, its score the landmarker's presence or 1. */
export function faceOf(landmarks: Landmarks): LandmarkedFace {
  const { points, presence = 1 } = landmarks;
  return { box: boundsOf(points), score: presence, roll: rollOf(landmarks), landmarks };
}
