import type { LandmarkedFace, Landmarks } from '../core/types.ts';
import { detectFaces } from '../detection/detect.ts';
import { intersectionOverUnion } from '../detection/suppression.ts';
import { assessCrop, embedFaces } from '../embedding/embed-faces.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import { boundsOf, faceOf } from '../landmarks/bounds.ts';
import type { FrameAnswer, FrameRequest, StageTimes } from './frame.ts';
import type { Stages } from './load-stages.ts';

/** Below this presence the landmarker looks at something else than a face. (MediaPipe's face landmarker has it too.) */
const leastPresence = 0.5;

/** The share of their union from which the boxes of two frames are taken for one face's. */
const samePlace = 0.3;

/**
 * The fall of one frame of a video: known faces are followed by their landmarks, which costs a fraction of detecting them
 * (MediaPipe's face landmark graph does the same), others are looked for where that is asked. A landmarker that does not
 * tell whether it saw a face cannot follow one: then known faces are those that are detected where they were.
 */
export async function followFaces(
  picture: PixelSource,
  { detector, refiner, landmarker, embedder }: Stages,
  { known, search }: FrameRequest,
  signal?: AbortSignal,
): Promise<FrameAnswer> {
  const elapsed: StageTimes = {};
  const timed = async <T>(stage: keyof StageTimes, work: Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work;
    elapsed[stage] = (elapsed[stage] ?? 0) + performance.now() - start;
    return result;
  };
  const before = known.map(({ landmarks }) => landmarks);
  const { presenceScorer } = landmarker;
  let faces: (LandmarkedFace | undefined)[] = [];
  if (presenceScorer) {
    const moved = await timed('landmarks', landmarker.follow(picture, before, signal));
    faces = moved.map(faceOf).map((face) => (face.score < leastPresence ? undefined : face));
  }
  let found: LandmarkedFace[] = [];
  if (search) {
    const seen = faces.filter((face) => face !== undefined);
    const request = { ...search, known: seen };
    const searching = detectFaces(picture, { detector, refiner, presenceScorer }, request, signal);
    const detected = await timed('detection', searching);
    found = (await timed('landmarks', landmarker.find(picture, detected, signal))).map(faceOf);
  }
  if (!presenceScorer) {
    faces = before.map((landmarks) => takeNearest(found, landmarks));
  }

  const toEmbed = faces.flatMap((face, i) => {
    const { embedAbove } = known[i] as FrameRequest['known'][number];
    if (!face || embedAbove === Number.POSITIVE_INFINITY) return [];
    const assessed = assessCrop(picture, embedder, face.landmarks);
    const cropQuality = assessed.quality.overall;
    return cropQuality < embedAbove ? [] : [{ i, assessed, face: { ...face, cropQuality } }];
  });
  if (toEmbed.length > 0) {
    const embedding = embedFaces(
      picture,
      embedder,
      toEmbed.map(({ face }) => face),
      { signal, assessed: toEmbed.map(({ assessed }) => assessed) },
    );
    for (const [n, sample] of (await timed('embedding', embedding)).entries()) {
      faces[(toEmbed[n] as { i: number }).i] = sample;
    }
  }
  return { known: faces, found, elapsed };
}

/** Takes the face out of a list that is most nearly where a face was in the frame before. */
function takeNearest(faces: LandmarkedFace[], before: Landmarks): LandmarkedFace | undefined {
  const place = boundsOf(before.points);
  const shared = faces.map(({ box }) => intersectionOverUnion(box, place));
  const nearest = shared.indexOf(Math.max(...shared));
  return (shared[nearest] ?? 0) > samePlace ? faces.splice(nearest, 1)[0] : undefined;
}
