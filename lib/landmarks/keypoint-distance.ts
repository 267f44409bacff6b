import type { Face, Landmarks, Point } from '../core/types.ts';
import { anchor } from './schemes.ts';

/**
 * The mean distance of a detection's eyes, nose and mouth to the same points of its landmarks, as a share of the box's
 * longer side. Undefined without keypoints.
 */
export function keypointDistance({ box, keypoints }: Face, landmarks: Landmarks): number | undefined {
  if (!keypoints) return undefined;
  const [right, left] = [anchor(landmarks, 'rightMouthCorner'), anchor(landmarks, 'leftMouthCorner')];
  const pairs: [Point, Point][] = [
    [keypoints.rightEye, anchor(landmarks, 'rightEye')],
    [keypoints.leftEye, anchor(landmarks, 'leftEye')],
    [keypoints.noseTip, anchor(landmarks, 'noseTip')],
    [keypoints.mouth, { x: (right.x + left.x) / 2, y: (right.y + left.y) / 2 }],
  ];
  const total = pairs.reduce((sum, [a, b]) => sum + Math.hypot(a.x - b.x, a.y - b.y), 0);
  return total / pairs.length / Math.max(box.width, box.height);
}
