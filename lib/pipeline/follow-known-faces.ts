import { boxCentre } from '../core/math.ts';
import { intersectionOverUnion } from '../core/overlap.ts';
import type { Box, LandmarkedFace, Landmarks } from '../core/types.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import { boxOf, faceOf } from '../landmarks/bounds.ts';
import type { Landmarker } from '../landmarks/landmarker.ts';

/** Below this presence the landmarker no longer sees a face. (The same value as in MediaPipe's face landmarker.) */
const minPresence = 0.5;

/** The presence, 0 to 1, above which a crop may show a part of the face. */
const minPartialPresence = 0.1;

/** The maximum number of passes of the landmarker for a face, and the movement in one pass that requires another. */
const maxFollowPasses = 3;
const maxMovement = 0.15;

/** The intersection over union above which a detected face is matched to a face of the previous frame. */
const minOverlap = 0.3;

/**
 * The maximum distance of a followed face from the detected one that it lags behind, in sides of its box, and the maximum ratio of their
 * sizes. The crops of the landmarker show no part of faces that are farther away.
 */
const maxLag = 1;
const maxLagSizeRatio = 2;

/** The intersection over union above which two followed faces are the same. */
const minSameOverlap = 0.2;

/** Follows faces by their landmarks. @returns undefined for those that are no longer visible. */
export async function followKnownFaces(
  picture: PixelSource,
  landmarker: Landmarker,
  previous: readonly Landmarks[],
  signal: AbortSignal | undefined,
): Promise<(LandmarkedFace | undefined)[]> {
  const moved = await followUntilCentred(picture, landmarker, previous, signal);
  return moved.map(faceOf).map(visible);
}

/** A face, unless its presence is too low. */
export function visible(face: LandmarkedFace): LandmarkedFace | undefined {
  return face.score < minPresence ? undefined : face;
}

/** How known faces are found that a search of the picture did not find. Both return undefined for those that are no longer visible. */
export interface KnownFaceFinders {
  /** Detects faces in close-ups of the places where they are expected. */
  findNear(expected: readonly LandmarkedFace[]): Promise<(LandmarkedFace | undefined)[]>;
  /** Follows faces by their landmarks. Absent if the landmarker reports no presence. */
  follow?(previous: readonly Landmarks[]): Promise<(LandmarkedFace | undefined)[]>;
}

/**
 * Matches known faces with detected ones by position, and removes those from the list. The others are searched for near their places, and
 * then followed.
 */
export async function matchKnownFaces(
  previous: readonly Landmarks[],
  detected: LandmarkedFace[],
  { findNear, follow }: KnownFaceFinders,
): Promise<(LandmarkedFace | undefined)[]> {
  const faces = previous.map((landmarks) => takeNearest(detected, boxOf(landmarks), minOverlap));
  const fillMissing = async (find: (before: readonly Landmarks[]) => Promise<(LandmarkedFace | undefined)[]>) => {
    const missing = faces.flatMap((face, i) => (face ? [] : [i]));
    if (missing.length === 0) return;
    const found = await find(missing.map((i) => previous[i] as Landmarks));
    const ahead = takeAhead(detected, found);
    for (const [n, face] of found.entries()) {
      if (face) faces[missing[n] as number] = ahead.get(face) ?? withoutOthers(face, faces);
    }
  };
  await fillMissing((before) => findNear(before.map(faceOf)));
  if (follow) await fillMissing(follow);
  return faces;
}

/**
 * Removes the detected faces that followed ones lag behind from a list: a crop that shows only a part of a face has landmarks between its
 * last place and its new one.
 *
 * @returns the nearest detected face of each.
 */
function takeAhead(
  detected: LandmarkedFace[],
  followed: readonly (LandmarkedFace | undefined)[],
): Map<LandmarkedFace, LandmarkedFace> {
  const pairs = followed.flatMap((face) =>
    face ? detected.map((target) => ({ face, target, lag: lagBehind(face, target) })) : [],
  );
  const result = new Map<LandmarkedFace, LandmarkedFace>();
  for (const { face, target, lag } of pairs.sort((a, b) => a.lag - b.lag)) {
    if (lag > maxLag) break;
    const index = detected.indexOf(target);
    if (index < 0 || result.has(face)) continue;
    result.set(face, target);
    detected.splice(index, 1);
  }
  return result;
}

/** The distance of a followed face from a detected one, in sides of its box; infinite for faces of another size. */
function lagBehind(face: LandmarkedFace, target: LandmarkedFace): number {
  const [side, other] = [face, target].map(({ box }) => Math.max(box.width, box.height)) as [number, number];
  if (Math.max(side / other, other / side) > maxLagSizeRatio) return Number.POSITIVE_INFINITY;
  const [a, b] = [boxCentre(face.box), boxCentre(target.box)];
  return Math.hypot(b.x - a.x, b.y - a.y) / side;
}

/** A face, unless it is one of the others. */
function withoutOthers(
  face: LandmarkedFace,
  others: readonly (LandmarkedFace | undefined)[],
): LandmarkedFace | undefined {
  const isOther = others.some((other) => other && intersectionOverUnion(face.box, other.box) > minSameOverlap);
  return isOther ? undefined : face;
}

/**
 * Finds the landmarks of faces from those in the previous frame. The crop of a face that moved far shows only a part of it, and its
 * landmarks lag behind: they are found again in crops that the found landmarks position.
 */
async function followUntilCentred(
  picture: PixelSource,
  landmarker: Landmarker,
  previous: readonly Landmarks[],
  signal: AbortSignal | undefined,
): Promise<Landmarks[]> {
  const positions = [...previous];
  const results = await landmarker.follow(picture, positions, signal);
  for (let pass = 1; pass < maxFollowPasses; pass++) {
    const moved = results.flatMap((result, i) => {
      const isVisible = (result.presence ?? 1) >= minPartialPresence;
      return isVisible && movement(positions[i] as Landmarks, result) > maxMovement ? [i] : [];
    });
    if (moved.length === 0) break;
    for (const i of moved) positions[i] = results[i] as Landmarks;
    const again = await landmarker.follow(
      picture,
      moved.map((i) => positions[i] as Landmarks),
      signal,
    );
    for (const [n, i] of moved.entries()) results[i] = again[n] as Landmarks;
  }
  return results;
}

/** The distance of a face's centre from its previous one, as a share of its box's longer side. */
function movement(from: Landmarks, to: Landmarks): number {
  const [a, b] = [boxCentre(boxOf(from)), boxCentre(boxOf(to))];
  const { width, height } = boxOf(to);
  return Math.hypot(b.x - a.x, b.y - a.y) / Math.max(width, height);
}

/** Removes and returns the face of a list that overlaps most with a box. */
function takeNearest(faces: LandmarkedFace[], box: Box, minimum: number): LandmarkedFace | undefined {
  const overlaps = faces.map((face) => intersectionOverUnion(face.box, box));
  const nearest = overlaps.indexOf(Math.max(...overlaps));
  return (overlaps[nearest] ?? 0) > minimum ? faces.splice(nearest, 1)[0] : undefined;
}
