import type { LandmarkScheme } from '../core/types.ts';

/** Runs of points that follow each other: from the first index to the last. */
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** A line through points. A closed one ends where it begins. */
interface Outline {
  points: readonly number[];
  closed: boolean;
}

const open = (...points: number[]): Outline => ({ points, closed: false });
const closed = (...points: number[]): Outline => ({ points, closed: true });

/**
 * The outlines of the face and its parts, by the indices of the landmarks. Those of `mesh-468` are MediaPipe's contours
 * (face_mesh_connections), those of `ibug-68` the annotation of iBUG 300-W.
 */
export const outlines: Readonly<Record<LandmarkScheme, readonly Outline[]>> = {
  'points-5': [],
  'dlib-5': [],
  // Its publisher documents no outlines: the points are drawn alone.
  'insightface-106': [],
  'ibug-68': [
    open(...range(0, 16)),
    open(...range(17, 21)),
    open(...range(22, 26)),
    open(...range(27, 30)),
    open(...range(31, 35)),
    closed(...range(36, 41)),
    closed(...range(42, 47)),
    closed(...range(48, 59)),
    closed(...range(60, 67)),
  ],
  'mesh-468': [
    closed(
      ...[10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377],
      ...[152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109],
    ),
    closed(33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    closed(263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
    open(46, 53, 52, 65, 55),
    open(70, 63, 105, 66, 107),
    open(276, 283, 282, 295, 285),
    open(300, 293, 334, 296, 336),
    closed(61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185),
    closed(78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191),
  ],
};
