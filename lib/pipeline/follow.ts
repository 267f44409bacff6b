import { boxCentre } from '../core/math.ts';
import { intersectionOverUnion } from '../core/overlap.ts';
import type { LandmarkedFace, Landmarks } from '../core/types.ts';
import { detectFaces } from '../detection/detect.ts';
import { type AssessedCrop, assessCrop, embedFaces } from '../embedding/embed-faces.ts';
import type { Embedder } from '../embedding/embedder.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import { boxOf, faceOf } from '../landmarks/bounds.ts';
import type { Landmarker } from '../landmarks/landmarker.ts';
import { type FaceSignature, faceSignature, signatureDistance } from './face-signature.ts';
import type { FollowedFace, FrameAnswer, FrameRequest, KnownFace, Sample, StageTimes } from './frame.ts';
import type { Stages } from './stages.ts';

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
 * Processes one video frame: follows known faces by their landmarks, which costs a fraction of detecting them (as in MediaPipe's face
 * landmark graph), detects new ones where requested, and embeds known faces whose crop is good enough. With a landmarker that reports
 * no presence a face cannot be followed: known faces are then matched with the detected ones by position.
 */
export async function followFaces(
  picture: PixelSource,
  { detector, refiner, landmarker, embedder }: Stages,
  { known, search: always, searchWhenLost }: FrameRequest,
  signal?: AbortSignal,
): Promise<FrameAnswer> {
  const { elapsed, timed } = stageTimer();
  const before = known.map(({ landmarks }) => landmarks);
  const { presenceScorer } = landmarker;
  let faces: (LandmarkedFace | undefined)[] = [];
  if (presenceScorer) {
    const moved = await timed('landmarks', followUntilCentred(picture, landmarker, before, signal));
    faces = moved.map(faceOf).map((face) => (face.score < minPresence ? undefined : face));
  }
  let found: LandmarkedFace[] = [];
  const search = always ?? (faces.includes(undefined) ? searchWhenLost : undefined);
  if (search) {
    const visible = faces.filter((face) => face !== undefined);
    const request = { ...search, known: visible };
    const detecting = detectFaces(picture, { detector, refiner, presenceScorer }, request, signal);
    const detected = await timed('detection', detecting);
    found = (await timed('landmarks', landmarker.find(picture, detected, signal))).map(faceOf);
  }
  if (!presenceScorer) faces = before.map((landmarks) => takeNearest(found, landmarks));

  const signed = faces.map((face, i) => face && withSignature(picture, face, known[i]?.signature));
  const wanted = facesToEmbed(picture, embedder, signed, known);
  if (wanted.length > 0) {
    const samples = await timed('embedding', embedWanted(picture, embedder, wanted, signal));
    for (const [i, sample] of samples) signed[i] = sample;
  }
  return {
    known: signed,
    found: found.map((face) => withSignature(picture, face, undefined)),
    searched: search !== undefined,
    width: picture.width,
    height: picture.height,
    elapsed,
  };
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

/** Sums the time of each stage. */
function stageTimer() {
  const elapsed: StageTimes = {};
  const timed = async <T>(stage: keyof StageTimes, work: Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work;
    elapsed[stage] = (elapsed[stage] ?? 0) + performance.now() - start;
    return result;
  };
  return { elapsed, timed };
}

/** Adds the signature of a face and its distance to that of the previous frame. */
function withSignature(picture: PixelSource, face: LandmarkedFace, previous: FaceSignature | undefined): FollowedFace {
  const signature = faceSignature(picture, face.landmarks);
  return { ...face, signature, change: previous && signatureDistance(previous, signature) };
}

/** A face to embed, its index in the frame, and its crop, which was cut to assess its quality. */
interface WantedFace {
  i: number;
  face: FollowedFace & { cropQuality: number; oneCrop: boolean };
  assessed: AssessedCrop;
}

/** The maximum number of faces that are embedded in one frame because their signatures changed. */
const maxChangedFaces = 3;

/** The visible faces whose crop is good enough, that are to be verified, or that may have become another face by a cut. */
function facesToEmbed(
  picture: PixelSource,
  embedder: Embedder,
  faces: readonly (FollowedFace | undefined)[],
  known: FrameRequest['known'],
): WantedFace[] {
  let changedFaces = 0;
  return faces.flatMap((face, i) => {
    const { embedAbove, verify, maxChange } = known[i] as KnownFace;
    const changed = (face?.change ?? 0) > maxChange && changedFaces < maxChangedFaces;
    if (changed) changedFaces++;
    if (!face || (embedAbove === Number.POSITIVE_INFINITY && !verify && !changed)) return [];
    const assessed = assessCrop(picture, embedder, face.landmarks);
    const cropQuality = assessed.quality.overall;
    const oneCrop = cropQuality < embedAbove;
    return oneCrop && !verify && !changed ? [] : [{ i, face: { ...face, cropQuality, oneCrop }, assessed }];
  });
}

/** Embeds faces. @returns each with its index in the frame. */
async function embedWanted(
  picture: PixelSource,
  embedder: Embedder,
  wanted: readonly WantedFace[],
  signal: AbortSignal | undefined,
): Promise<[number, FollowedFace & Sample][]> {
  const results: [number, FollowedFace & Sample][] = [];
  for (const oneCrop of [false, true]) {
    const group = wanted.filter(({ face }) => face.oneCrop === oneCrop);
    const faces = group.map(({ face }) => face);
    const assessed = group.map((each) => each.assessed);
    const embedded = await embedFaces(picture, embedder, faces, { signal, assessed, oneCrop });
    for (const [n, sample] of embedded.entries()) results.push([(group[n] as WantedFace).i, sample]);
  }
  return results;
}

/** Removes and returns the face of a list that overlaps most with a face of the previous frame. */
function takeNearest(faces: LandmarkedFace[], before: Landmarks): LandmarkedFace | undefined {
  const box = boxOf(before);
  const overlaps = faces.map((face) => intersectionOverUnion(face.box, box));
  const nearest = overlaps.indexOf(Math.max(...overlaps));
  return (overlaps[nearest] ?? 0) > minOverlap ? faces.splice(nearest, 1)[0] : undefined;
}
