import { FaceNetError } from '../core/errors.ts';
import type { Landmarks, Point } from '../core/types.ts';
import { type Anchor, anchorOf } from '../landmarks/schemes.ts';
import { headPose } from '../quality/pose.ts';

/** The measures of a face that gestures change. */
export interface Expression {
  /** The {@link eyeAspectRatio}: how far the eyes are open. */
  openness: number;
  /** The rotation to the side in radians, as in `Quality`: positive to the right of the picture. */
  yaw: number;
  /** The rotation up and down in radians, as in `Quality`: positive downwards. */
  pitch: number;
}

/** Measures a face from its landmarks. */
export function measureExpression(landmarks: Landmarks): Expression {
  const { yaw, pitch } = headPose(landmarks);
  return { openness: eyeAspectRatio(landmarks), yaw, pitch };
}

/**
 * The eye aspect ratio, height over width, averaged over both eyes: 0 for closed eyes, about 0.2 to 0.4 for open ones,
 * depending on the person. (Soukupová and Čech, "Real-time eye blink detection using facial landmarks", CVWW 2016,
 * equation 1)
 *
 * @param landmarks of a scheme with the outlines of the eyes: any except `points-5` and `dlib-5`.
 * @returns the ratio, 0 or more.
 * @throws {FaceNetError} `option-invalid` for landmarks without these outlines.
 *
 * @example
 * const [face] = await facenet.landmarks(photo, await facenet.detect(photo));
 * if (face && eyeAspectRatio(face.landmarks) < 0.15) console.log('The eyes are closed.');
 */
export function eyeAspectRatio(landmarks: Landmarks): number {
  return (aspectRatio(landmarks, 'rightEye') + aspectRatio(landmarks, 'leftEye')) / 2;
}

function aspectRatio(landmarks: Landmarks, eye: Anchor): number {
  const points = anchorOf(landmarks, eye);
  if (points.length !== 6) {
    throw new FaceNetError(
      'option-invalid',
      `Landmarks of the scheme "${landmarks.scheme}" have no outlines of the eyes: use a landmarker with 68 points or more.`,
    );
  }
  const [p1, p2, p3, p4, p5, p6] = points as [Point, Point, Point, Point, Point, Point];
  return (distance(p2, p6) + distance(p3, p5)) / (2 * distance(p1, p4));
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
