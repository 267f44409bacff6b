import type { Box, LandmarkedFace, Landmarks, Point } from '../core/types.ts';
import { direction } from '../image/affine.ts';
import { anchor } from './schemes.ts';

/** The smallest upright box about points. */
export function boundsOf(points: readonly Point[]): Box {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** How far the line between the eyes is turned, clockwise as seen, in radians from −π to π. */
export function rollOf(landmarks: Landmarks): number {
  return direction(anchor(landmarks, 'rightEye'), anchor(landmarks, 'leftEye'));
}

/** A face by its landmarks alone: its box is what they fill, its score the landmarker's opinion. */
export function faceOf(landmarks: Landmarks): LandmarkedFace {
  const { points, presence = 1 } = landmarks;
  return { box: boundsOf(points), score: presence, roll: rollOf(landmarks), landmarks };
}
