import { FaceNetError } from '../core/errors.ts';
import type { Box, Face, LandmarkedFace, Landmarks, Point } from '../core/types.ts';
import { pointCounts } from '../landmarks/schemes.ts';

/** The largest coordinate of a face, in pixels: more than ten times the side of the largest picture that browsers allow. */
const maxCoordinate = 1e6;

/**
 * Validates faces that a caller passes in.
 *
 * @returns them as a list.
 * @throws {FaceNetError} `option-invalid` when one is not a face, or has coordinates that no face in a picture can have.
 */
export function validFaces<F extends Face>(faces: F | readonly F[]): readonly F[] {
  const list = Array.isArray(faces) ? (faces as readonly F[]) : [faces as F];
  for (const face of list) {
    if (!isBox(face?.box) || ![face.roll, face.score === undefined ? 0 : face.score].every(Number.isFinite)) {
      throw new FaceNetError('option-invalid', 'Not a face: pass what detect() returned for this picture.');
    }
    if (face.keypoints !== undefined && !areKeypoints(face.keypoints)) {
      throw new FaceNetError('option-invalid', 'The keypoints are not points: pass what detect() returned, or none.');
    }
    checkLandmarks((face as Partial<LandmarkedFace>).landmarks);
  }
  return list;
}

function checkLandmarks(landmarks: Landmarks | undefined): void {
  if (landmarks === undefined) return;
  const { scheme, points, box } = Object(landmarks) as Partial<Landmarks>;
  const count = Object.hasOwn(pointCounts, String(scheme)) ? pointCounts[scheme as Landmarks['scheme']] : undefined;
  const isBoxValid = box === undefined || isBox(box);
  if (!Array.isArray(points) || points.length !== count || !arePoints(points) || !isBoxValid) {
    throw new FaceNetError(
      'option-invalid',
      `The landmarks are not all points of their scheme "${scheme}": pass what landmarks() returned, or none.`,
    );
  }
}

/** Whether a value is a box with a size above zero and coordinates that a picture can have. */
export function isBox(box: Box | undefined): box is Box {
  const { x, y, width, height } = Object(box) as Partial<Box>;
  return [x, y, width, height].every(isCoordinate) && Number(width) > 0 && Number(height) > 0;
}

function areKeypoints(keypoints: unknown): boolean {
  return typeof keypoints === 'object' && keypoints !== null && arePoints(Object.values(keypoints));
}

function arePoints(points: readonly unknown[]): boolean {
  return points.every((point) => {
    const { x, y } = Object(point) as Partial<Point>;
    return isCoordinate(x) && isCoordinate(y);
  });
}

function isCoordinate(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= maxCoordinate;
}
