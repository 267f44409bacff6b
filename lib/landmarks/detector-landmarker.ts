import { FaceNetError } from '../core/errors.ts';
import { boxCentre } from '../core/math.ts';
import type { Face, Landmarks } from '../core/types.ts';
import type { DetectedFace, PictureDetector, SearchArea } from '../detection/detector.ts';
import { overlaps } from '../detection/same-face.ts';
import { squareCrop } from '../image/affine.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import type { Landmarker } from './landmarker.ts';

/** The side of the searched area as a multiple of the box's longer side. */
const areaScale = 2;

/** The side of the smallest face to find as a share of the box's longer side. */
const minShare = 0.5;

/**
 * Creates the landmarker that returns the landmarks that the detector found. For a face without them, the detector searches
 * the surroundings of its box. It does not dispose of the detector.
 *
 * @param detector a detector that finds landmarks.
 */
export function detectorLandmarker(detector: PictureDetector): Landmarker {
  const findLandmarks = async (picture: PixelSource, face: Face, signal: AbortSignal | undefined) => {
    const { width, height } = face.box;
    const found = await detector.search(picture, surroundingsOf(face), minShare * Math.max(width, height), signal);
    return nearest(face, found)?.landmarks ?? throwNoLandmarks(detector.name);
  };
  return {
    name: detector.name,
    async find(picture, faces, signal) {
      const landmarks: Landmarks[] = [];
      for (const face of faces) landmarks.push(face.landmarks ?? (await findLandmarks(picture, face, signal)));
      return landmarks;
    },
    // Without a presence scorer, faces are not followed.
    follow: async (_picture, previous) => [...previous],
    dispose() {},
  };
}

/** The area about a face's box, upright along its roll. */
function surroundingsOf({ box, roll }: Face): SearchArea {
  const side = areaScale * Math.max(box.width, box.height);
  return { width: side, height: side, toSource: squareCrop(boxCentre(box), side, roll, side) };
}

/** The face whose centre is nearest to that of another, among those that overlap it. */
function nearest(face: Face, found: readonly DetectedFace[]): DetectedFace | undefined {
  const centre = boxCentre(face.box);
  const distance = ({ box }: Face) => Math.hypot(boxCentre(box).x - centre.x, boxCentre(box).y - centre.y);
  return found.filter((other) => overlaps(other, face)).sort((a, b) => distance(a) - distance(b))[0];
}

/** @throws {FaceNetError} `option-invalid`. */
function throwNoLandmarks(name: string): never {
  throw new FaceNetError(
    'option-invalid',
    `The detector "${name}" finds no face in a box, so there are no landmarks: pass what detect() returned for this picture, or load with another landmarker.`,
  );
}
