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

/** The box of a face from its landmarks: the detector's, if it found them, otherwise their bounds. */
export function boxOf({ points, box }: Landmarks): Box {
  return box ?? boundsOf(points);
}

/** A face from landmarks alone: its score is the landmarker's presence or 1. */
export function faceOf(landmarks: Landmarks): LandmarkedFace {
  return { box: boxOf(landmarks), score: landmarks.presence ?? 1, roll: rollOf(landmarks), landmarks };
}
