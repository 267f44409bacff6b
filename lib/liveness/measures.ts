import type { Landmarks, Point } from '../core/types.ts';
import { type Anchor, anchorOf } from '../landmarks/schemes.ts';
import { headPose } from '../quality/pose.ts';

/** What a face is doing at a moment. */
export interface Expression {
  /** How far the eyes are open: the {@link eyeAspectRatio}. */
  openness: number;
  /** Which way the head is turned, in radians, as in `Quality`: to the right of the picture, and down. */
  yaw: number;
  pitch: number;
}

/** What the landmarks of a face tell of it. */
export function expressionOf(landmarks: Landmarks): Expression {
  const { yaw, pitch } = headPose(landmarks);
  return { openness: eyeAspectRatio(landmarks), yaw, pitch };
}

/**
 * The mean of both eyes' height over their width: 0 for lines, some 0.2 to 0.4 for open eyes, which differ from person to
 * person. (Soukupová and Čech, "Real-time eye blink detection using facial landmarks", CVWW 2016, equation 1)
 */
export function eyeAspectRatio(landmarks: Landmarks): number {
  return (aspectRatio(landmarks, 'rightEye') + aspectRatio(landmarks, 'leftEye')) / 2;
}

function aspectRatio(landmarks: Landmarks, eye: Anchor): number {
  const [p1, p2, p3, p4, p5, p6] = anchorOf(landmarks, eye) as [Point, Point, Point, Point, Point, Point];
  return (apart(p2, p6) + apart(p3, p5)) / (2 * apart(p1, p4));
}

function apart(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
