import { type FaceSignature, signatureDistance } from '../core/face-signature.ts';
import type { LandmarkedFace } from '../core/types.ts';
import { type DetectionRequest, detectFaces } from '../detection/detect.ts';
import type { DetectedFace } from '../detection/detector.ts';
import { detectNear } from '../detection/refine.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import { faceOf } from '../landmarks/bounds.ts';
import { embedWanted, facesToEmbed } from './embed-known-faces.ts';
import { faceSignature } from './face-signature.ts';
import { followKnownFaces, type KnownFaceFinders, matchKnownFaces, visible } from './follow-known-faces.ts';
import type { FollowedFace, FrameAnswer, FrameRequest, StageTimes } from './frame.ts';
import type { Stages } from './stages.ts';

/**
 * Processes one video frame: follows known faces by their landmarks, which costs a fraction of detecting them (as in MediaPipe's face
 * landmark graph), detects new ones where requested, and embeds known faces whose crop is good enough. With a landmarker that reports
 * no presence a face cannot be followed: known faces are then matched with the detected ones by position.
 */
export async function followFaces(
  picture: PixelSource,
  stages: Stages,
  { known, search, searchWhenLost, redetect = false }: FrameRequest,
  signal?: AbortSignal,
): Promise<FrameAnswer> {
  const { embedder } = stages;
  const { elapsed, timed } = stageTimer();
  const { detect, findNear, follow } = faceFinders(picture, stages, timed, signal);
  const before = known.map(({ landmarks }) => landmarks);
  const isFollowing = follow !== undefined && !redetect;
  let faces: (LandmarkedFace | undefined)[] = [];
  let found: LandmarkedFace[] = [];
  if (isFollowing) faces = await follow(before);
  const limits = search ?? (faces.includes(undefined) ? searchWhenLost : undefined);
  if (limits) found = await detect({ ...limits, known: faces.filter((face) => face !== undefined) });
  if (!isFollowing) faces = await matchKnownFaces(before, found, { findNear, ...(follow && { follow }) });

  const signed = faces.map((face, i) => face && withSignature(picture, face, known[i]?.signature));
  const wanted = facesToEmbed(picture, embedder, signed, known);
  if (wanted.length > 0) {
    const samples = await timed('embedding', embedWanted(picture, embedder, wanted, signal));
    for (const [i, sample] of samples) signed[i] = sample;
  }
  return {
    known: signed,
    found: found.map((face) => withSignature(picture, face, undefined)),
    searched: limits !== undefined,
    ...{ width: picture.width, height: picture.height, elapsed },
  };
}

/** Measures the time of work for a stage. */
type Timed = <T>(stage: keyof StageTimes, work: Promise<T>) => Promise<T>;

/** The ways to find faces in a frame, with their landmarks. `follow` is undefined if the landmarker reports no presence. */
function faceFinders(picture: PixelSource, stages: Stages, timed: Timed, signal: AbortSignal | undefined) {
  const { landmarker } = stages;
  const withLandmarks = async (detected: readonly DetectedFace[]): Promise<LandmarkedFace[]> =>
    (await timed('landmarks', landmarker.find(picture, detected, signal))).map(faceOf);
  const detect = async (request: DetectionRequest): Promise<LandmarkedFace[]> => {
    const detectors = { ...stages, presenceScorer: landmarker.presenceScorer };
    return withLandmarks(await timed('detection', detectFaces(picture, detectors, request, signal)));
  };
  const findNear: KnownFaceFinders['findNear'] = async (expected) => {
    const near = await timed('detection', detectNear(picture, stages, expected, signal));
    const faces = (await withLandmarks(near.filter((face) => face !== undefined))).values();
    return near.map((face) => (face ? visible(faces.next().value as LandmarkedFace) : undefined));
  };
  const follow: KnownFaceFinders['follow'] = (previous) =>
    timed('landmarks', followKnownFaces(picture, landmarker, previous, signal));
  return { detect, findNear, follow: landmarker.presenceScorer && follow };
}

/** Sums the time of each stage. */
function stageTimer() {
  const elapsed: StageTimes = {};
  const timed: Timed = async (stage, work) => {
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
