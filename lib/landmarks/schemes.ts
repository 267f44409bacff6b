import type { LandmarkScheme, Landmarks, Point } from '../core/types.ts';

/**
 * The places on a face that a crop template can hold on to. Left and right are the subject's own. `noseBase` is where
 * the nose meets the upper lip (the subnasale), `noseTip` its foremost point.
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

/** How many points each scheme has. */
export const pointCounts: Record<LandmarkScheme, number> = { 'ibug-68': 68, 'mesh-468': 468 };

/** Which points of a scheme make each anchor: the anchor is their mean. */
const anchorPoints: Record<LandmarkScheme, Record<Anchor, readonly number[]>> = {
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
};

/** Where an anchor lies on a face, in source pixels. */
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
 * The points that make an anchor, in source pixels. An eye's are six, in the order of Soukupová and Čech: a corner, two of the
 * upper lid, the other corner, two of the lower lid.
 */
export function anchorOf({ scheme, points }: Landmarks, name: Anchor): Point[] {
  return anchorPoints[scheme][name].map((index) => points[index] as Point);
}
