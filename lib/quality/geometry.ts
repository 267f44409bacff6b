import type { Landmarks, Point, Pose } from '../core/types.ts';
import { anchor, hasAnchor } from '../landmarks/schemes.ts';
import { facePoints } from './face-points.ts';
import { interEyeDistance, type Measured, sigmoid, sigmoidScore } from './scores.ts';

/** The minimum cosine of the yaw that a distance is divided by: a profile's yaw is too uncertain for more. */
const minCosine = 0.2;

/** The centres of the eyes: the midpoints of their corners if the scheme has corners. */
export function eyeCentres(landmarks: Landmarks): { right: Point; left: Point } {
  if (!hasAnchor(landmarks.scheme, 'rightEyeOuter')) {
    return { right: anchor(landmarks, 'rightEye'), left: anchor(landmarks, 'leftEye') };
  }
  return {
    right: midpoint(anchor(landmarks, 'rightEyeOuter'), anchor(landmarks, 'rightEyeInner')),
    left: midpoint(anchor(landmarks, 'leftEyeOuter'), anchor(landmarks, 'leftEyeInner')),
  };
}

/** The mouth in the mean of many faces (dlib, `get_face_chip_details`), in multiples of two distances between other points. */
const meanMouth = {
  /** The distance of its middle from that of the eyes, in distances of the base of the nose from the latter. */
  down: 1.374,
  /** The distance of its corners from its middle, in distances between the eyes. */
  across: 0.449,
};

/** The corners of the mouth. A scheme without them, `dlib-5`, has those of the mean face on its eyes and the base of its nose. */
export function mouthCorners(landmarks: Landmarks): { right: Point; left: Point } {
  if (hasAnchor(landmarks.scheme, 'rightMouthCorner')) {
    return { right: anchor(landmarks, 'rightMouthCorner'), left: anchor(landmarks, 'leftMouthCorner') };
  }
  const { right, left } = eyeCentres(landmarks);
  const middle = midpoint(right, left);
  const nose = anchor(landmarks, 'noseBase');
  const mouth = {
    x: middle.x + (nose.x - middle.x) * meanMouth.down,
    y: middle.y + (nose.y - middle.y) * meanMouth.down,
  };
  const [dx, dy] = [(left.x - right.x) * meanMouth.across, (left.y - right.y) * meanMouth.across];
  return { right: { x: mouth.x - dx, y: mouth.y - dy }, left: { x: mouth.x + dx, y: mouth.y + dy } };
}

/** The point halfway between two points. */
export function midpoint(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

/** The distance between two points. */
export function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/**
 * The components that follow from the landmarks and the size of the picture, as in OFIQ's InterEyeDistance.cpp, HeadSize.cpp,
 * CropOfTheFaceImage.cpp, EyesOpen.cpp and MouthClosed.cpp (OFIQlib/modules/measures/src). Lengths are relative to the distance between
 * the eyes, or to that of the eyes' midpoint from the chin, which only `ibug-68` and `mesh-468` have.
 *
 * @param picture the size of the picture that the landmarks refer to, in pixels.
 */
export function geometryOf(landmarks: Landmarks, { yaw }: Pose, picture: { width: number; height: number }) {
  const { right, left } = eyeCentres(landmarks);
  const eyeDistance = distance(right, left);
  const middle = midpoint(right, left);
  return {
    interEyeDistance: interEyeDistance(eyeDistance / Math.max(minCosine, Math.cos(yaw))),
    leftwardCropOfTheFaceImage: sigmoid(right.x / eyeDistance, 0.9, 0.1),
    rightwardCropOfTheFaceImage: sigmoid((picture.width - left.x) / eyeDistance, 0.9, 0.1),
    ...featuresOf(landmarks, middle, picture.height),
  };
}

/** The components relative to the distance of the eyes from the chin. Empty for a scheme without a chin. */
function featuresOf({ scheme, points }: Landmarks, eyes: Point, pictureHeight: number) {
  const indices = facePoints[scheme];
  if (!indices) return {};
  const height = distance(eyes, points[indices.chin] as Point);
  /** The maximum opening of lids or lips. */
  const opening = (pairs: readonly (readonly [number, number])[]) =>
    Math.max(...pairs.map(([upper, lower]) => distance(points[upper] as Point, points[lower] as Point))) / height;
  const headSize = height / pictureHeight;
  return {
    headSize: { value: headSize, score: 2 * sigmoidScore(Math.abs(headSize - 0.45), 0, -0.05) },
    // OFIQ names the direction in which the picture is cut off: an upward crop lacks a margin below the face.
    downwardCropOfTheFaceImage: sigmoid(eyes.y / height, 1.4, 0.1),
    upwardCropOfTheFaceImage: sigmoid((pictureHeight - eyes.y) / height, 1.8, 0.1),
    eyesOpen: sigmoid(Math.min(opening(indices.rightLids), opening(indices.leftLids)), 0.02, 0.01),
    mouthClosed: sigmoid(opening(indices.innerLips), 0.2, -0.06),
  };
}

/** The components of the pose: the squared cosine of each angle, in degrees. (OFIQ, HeadPose.cpp) */
export function poseComponents({ yaw, pitch, roll }: Pose) {
  const measured = (angle: number): Measured => ({
    value: (angle * 180) / Math.PI,
    score: 100 * Math.max(0, Math.cos(angle)) ** 2,
  });
  return { headPoseYaw: measured(yaw), headPosePitch: measured(pitch), headPoseRoll: measured(roll) };
}
