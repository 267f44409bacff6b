import type { LandmarkScheme } from '../core/types.ts';

/** An upper and a lower point of a lid or lip. */
type Pair = readonly [upper: number, lower: number];

/** The indices of landmarks that quality measures use. Left and right are the subject's own. */
export interface FacePoints {
  /** The jaw from the right ear to the left, then the brows from left to right. */
  outline: readonly number[];
  chin: number;
  rightLids: readonly Pair[];
  leftLids: readonly Pair[];
  innerLips: readonly Pair[];
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** The points of each scheme. Those with five points have none of them. */
export const facePoints: Record<LandmarkScheme, FacePoints | undefined> = {
  'ibug-68': {
    outline: [...range(0, 16), ...range(17, 26).reverse()],
    chin: 8,
    rightLids: [
      [37, 41],
      [38, 40],
    ],
    leftLids: [
      [43, 47],
      [44, 46],
    ],
    innerLips: [
      [61, 67],
      [62, 66],
      [63, 65],
    ],
  },
  'mesh-468': {
    outline: [
      ...[127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454],
      ...[356, 300, 293, 334, 296, 336, 107, 66, 105, 63, 70],
    ],
    chin: 152,
    rightLids: [
      [160, 144],
      [159, 145],
      [158, 153],
    ],
    leftLids: [
      [385, 380],
      [386, 374],
      [387, 373],
    ],
    innerLips: [
      [82, 87],
      [13, 14],
      [312, 317],
    ],
  },
  // The jaw starts at 1 and 17, its upper ends, and meets at 0, the chin. (deepinsight/insightface, 2d106markup.jpg)
  'insightface-106': {
    outline: [
      ...[1, ...range(9, 16), ...range(2, 8), 0],
      ...[24, 23, 22, 21, 20, 19, 18, 32, 31, 30, 29, 28, 27, 26, 25, 17],
      ...[101, 105, 104, 103, 102, 50, 51, 49, 48, 43],
    ],
    chin: 0,
    rightLids: [
      [41, 36],
      [42, 37],
    ],
    leftLids: [
      [95, 90],
      [96, 91],
    ],
    innerLips: [
      [66, 54],
      [62, 60],
      [70, 57],
    ],
  },
  'points-5': undefined,
  'dlib-5': undefined,
};
