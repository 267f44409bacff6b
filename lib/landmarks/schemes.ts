import { FaceNetError } from '../core/errors.ts';
import type { LandmarkScheme, Landmarks, Point } from '../core/types.ts';

/**
 * The points of a face that a crop template can refer to. Left and right are the subject's own. `noseBase` is the
 * subnasale, where the nose meets the upper lip; `noseTip` is the foremost point of the nose.
 */
export type Anchor =
  | 'rightEyeOuter'
  | 'rightEyeInner'
  | 'leftEyeInner'
  | 'leftEyeOuter'
  | 'rightEye'
  | 'leftEye'
  | 'noseTip'
  | 'noseBase'
  | 'rightMouthCorner'
  | 'leftMouthCorner';

/** The number of points of each scheme. */
export const pointCounts: Record<LandmarkScheme, number> = {
  'ibug-68': 68,
  'mesh-468': 468,
  'insightface-106': 106,
  'points-5': 5,
  'dlib-5': 5,
};

/** The indices of the points whose mean is the anchor. */
const anchorPoints: Record<LandmarkScheme, Partial<Record<Anchor, readonly number[]>>> = {
  'ibug-68': {
    rightEyeOuter: [36],
    rightEyeInner: [39],
    leftEyeInner: [42],
    leftEyeOuter: [45],
    rightEye: [36, 37, 38, 39, 40, 41],
    leftEye: [42, 43, 44, 45, 46, 47],
    noseTip: [30],
    noseBase: [33],
    rightMouthCorner: [48],
    leftMouthCorner: [54],
  },
  'mesh-468': {
    rightEyeOuter: [33],
    rightEyeInner: [133],
    leftEyeInner: [362],
    leftEyeOuter: [263],
    rightEye: [33, 160, 158, 133, 153, 144],
    leftEye: [362, 385, 387, 263, 373, 380],
    noseTip: [1],
    noseBase: [2],
    rightMouthCorner: [61],
    leftMouthCorner: [291],
  },
  // deepinsight/insightface, alignment/coordinate_reg (2d106markup.jpg). The eyes are the six points that `ibug-68` has.
  'insightface-106': {
    rightEyeOuter: [35],
    rightEyeInner: [39],
    leftEyeInner: [89],
    leftEyeOuter: [93],
    rightEye: [35, 41, 42, 39, 37, 36],
    leftEye: [89, 95, 96, 93, 91, 90],
    noseTip: [86],
    noseBase: [80],
    rightMouthCorner: [52],
    leftMouthCorner: [61],
  },
  'dlib-5': {
    rightEyeOuter: [2],
    rightEyeInner: [3],
    leftEyeInner: [1],
    leftEyeOuter: [0],
    rightEye: [2, 3],
    leftEye: [0, 1],
    noseBase: [4],
  },
  'points-5': { rightEye: [0], leftEye: [1], noseTip: [2], rightMouthCorner: [3], leftMouthCorner: [4] },
};

/** Whether a scheme has an anchor. `points-5` lacks the corners of the eyes and the base of the nose, `dlib-5` the mouth and the tip of the nose. */
export function hasAnchor(scheme: LandmarkScheme, name: Anchor): boolean {
  return anchorPoints[scheme][name] !== undefined;
}

/**
 * The position of an anchor, in source pixels: the mean of its points.
 *
 * @throws {FaceNetError} `option-invalid` when the scheme lacks the anchor.
 */
export function anchor(landmarks: Landmarks, name: Anchor): Point {
  const points = anchorOf(landmarks, name);
  let x = 0;
  let y = 0;
  for (const point of points) {
    x += point.x / points.length;
    y += point.y / points.length;
  }
  return { x, y };
}

/**
 * The points of an anchor, in source pixels. An eye has six, except in `points-5` and `dlib-5`, in the order of Soukupová and Čech: a
 * corner, two of the upper lid, the other corner, two of the lower lid.
 *
 * @throws {FaceNetError} `option-invalid` when the scheme lacks the anchor.
 */
export function anchorOf({ scheme, points }: Landmarks, name: Anchor): Point[] {
  const indices = anchorPoints[scheme][name];
  if (indices) return indices.map((index) => points[index] as Point);
  throw new FaceNetError(
    'option-invalid',
    `Landmarks of the scheme "${scheme}" have no point "${name}": use another template, or a landmarker with more points.`,
  );
}
