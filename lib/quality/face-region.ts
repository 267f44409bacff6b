import type { Landmarks, Point } from '../core/types.ts';
import { facePoints } from './face-points.ts';
import { eyeCentres, mouthCorners } from './geometry.ts';

/** How far the region of a scheme with five points extends beyond the eyes and the corners of the mouth, relative to their mean. */
const fivePointScale = 1.6;

/** For each row of a crop, the columns from `start` up to, but not including, `end` that show the face. */
export interface FaceRegion {
  start: Int16Array;
  end: Int16Array;
}

/**
 * The region of the face in its crop: the area between brows and jaw, without the forehead, as in OFIQ (FaceMeasures.cpp, GetFaceMask). With
 * five points it is a quadrilateral about the eyes and the mouth.
 *
 * @param landmarks the face's landmarks, in pixels of the crop.
 */
export function faceRegion(landmarks: Landmarks, width: number, height: number): FaceRegion {
  const outline = outlineOf(landmarks);
  const region = { start: new Int16Array(height).fill(width), end: new Int16Array(height) };
  outline.forEach((a, i) => {
    const b = outline[(i + 1) % outline.length] as Point;
    const [top, bottom] = a.y < b.y ? [a, b] : [b, a];
    const last = Math.min(height - 1, Math.ceil(bottom.y - 0.5) - 1);
    for (let y = Math.max(0, Math.ceil(top.y - 0.5)); y <= last; y++) {
      const x = top.x + ((y + 0.5 - top.y) / (bottom.y - top.y)) * (bottom.x - top.x);
      const column = Math.max(0, Math.min(width, Math.round(x)));
      region.start[y] = Math.min(region.start[y] as number, column);
      region.end[y] = Math.max(region.end[y] as number, column);
    }
  });
  return region;
}

function outlineOf(landmarks: Landmarks): Point[] {
  const { scheme, points } = landmarks;
  const indices = facePoints[scheme];
  if (indices) return indices.outline.map((index) => points[index] as Point);
  const [eyes, mouth] = [eyeCentres(landmarks), mouthCorners(landmarks)];
  const corners = [eyes.right, eyes.left, mouth.left, mouth.right];
  const x = corners.reduce((sum, corner) => sum + corner.x / 4, 0);
  const y = corners.reduce((sum, corner) => sum + corner.y / 4, 0);
  return corners.map((corner) => ({
    x: x + (corner.x - x) * fivePointScale,
    y: y + (corner.y - y) * fivePointScale,
  }));
}
