import { signatureDistance } from '../core/face-signature.ts';
import { boxCentre } from '../core/math.ts';
import type { FollowedFace } from '../pipeline/frame.ts';
import type { Track } from './track.ts';

/** The maximum distance of a face from the last or the predicted place of its track, in sides of its box, right after it was lost and each second. */
const maxDistance = { start: 0.5, perSecond: 1 };

/** The maximum ratio of the sizes of a face before and after a gap. */
const maxSizeRatio = 1.6;

/** The maximum distance of the signatures of a face before and after a gap, 0 to 255. */
const maxSignatureDistance = 48;

/**
 * Finds the tracks that were lost a moment ago and that new faces continue, by place, size and appearance. An embedding verifies the
 * result later.
 *
 * @param lost tracks without a face in this frame.
 * @returns the track of each face that continues one.
 */
export function associate(
  faces: readonly FollowedFace[],
  lost: readonly Track[],
  now: number,
): Map<FollowedFace, Track> {
  const pairs = faces.flatMap((face) =>
    lost.flatMap((track) => {
      const cost = costOf(face, track, now);
      return cost === undefined ? [] : [{ face, track, cost }];
    }),
  );
  const result = new Map<FollowedFace, Track>();
  const taken = new Set<Track>();
  for (const { face, track } of pairs.sort((a, b) => a.cost - b.cost)) {
    if (result.has(face) || taken.has(track)) continue;
    result.set(face, track);
    taken.add(track);
  }
  return result;
}

/**
 * How much a face differs from what a track predicts, 0 or more; it does not depend on how long ago the track was lost. Undefined if it
 * is too far, of another size or of another appearance.
 */
function costOf(face: FollowedFace, track: Track, now: number): number | undefined {
  const age = now - track.lastSeen;
  const [before, after] = [track.face.box, face.box].map(({ width, height }) => Math.max(width, height)) as [
    number,
    number,
  ];
  const { signature } = track.continuity;
  if (!signature || Math.max(before / after, after / before) > maxSizeRatio) return undefined;
  const expected = boxCentre(track.face.box);
  const shift = track.motion.shiftAfter(age, track.face);
  const centre = boxCentre(face.box);
  const [dx, dy] = [centre.x - expected.x, centre.y - expected.y];
  // A face that stops or turns back is nearer to its last place than to the predicted one.
  const distance = Math.min(Math.hypot(dx, dy), Math.hypot(dx - shift.x, dy - shift.y)) / before;
  const limit = maxDistance.start + (maxDistance.perSecond * age) / 1000;
  const difference = signatureDistance(signature, face.signature);
  if (distance > limit || difference > maxSignatureDistance) return undefined;
  return distance / maxDistance.start + difference / maxSignatureDistance;
}
