import { boxCentre, logistic } from '../core/math.ts';
import type { Face, Pixels } from '../core/types.ts';
import { squareCrop, wrappedAngle } from '../image/affine.ts';
import { mirrored } from '../image/mirror.ts';
import { warp } from '../image/warp.ts';
import type { DetectedFace, PresenceScorer } from './detector.ts';
import { isFound, logit } from './evidence.ts';
import type { Search } from './run-detector.ts';
import { isDuplicate } from './same-face.ts';

/** Doubtful faces have a score in this range. Further evidence rarely finds weaker ones, or rejects stronger ones. */
const doubtfulScore = { min: 0.1, max: 0.88 };

/** A face that was found is not doubtful if the mesh has at least this presence in the crop of its box. */
const minConfirmedPresence = 0.5;

/** A head whose roll differs by more from that of the others, in radians, is rolled. Most false detections are. */
const minRolledAngle = Math.PI / 9;

/**
 * The log odds against a rolled head. All networks have to be sure of it. The rolled detections in 240 drawings with the strongest
 * evidence stay just below, heads on their side or upside down in photos of otherwise upright ones are above.
 */
const rolledPenalty = 3;

/** The side of the crop as a multiple of the box's longer side. */
const cropScale = 5;

/** The angles by which the crops of the presence scorer are turned, in radians. */
const tilts = [-Math.PI / 12, 0, Math.PI / 12];

/**
 * The weights of the log odds, fitted by logistic regression to upright detections that were not found: those of faces
 * of LFW that are half covered, masked, cut, dark or small, and those in 240 drawings without a person. As in
 * `evidence.ts`, all are halved. The constant is lowered by 0.75, for a margin to the strongest drawing. The weight of a score
 * above 0.5 so far is chosen: it rejects the detections in dark and blurred photos of LFW where there is no face.
 */
const weights = { found: 0.5, crop: 0.37, mirrored: 0.67, presence: 0.73, constant: 0.86 };

/** The minimum score in a crop: what a network misses in one crop it may find in another. */
const minCropScore = 0.25;

/**
 * Scores doubtful faces once more, after all rivals at their places are settled: those that are not found, for example because a
 * covered half lowers the first scores, and upright ones that were found although the mesh does not confirm them. The evidence is
 * the detector's score in a wide crop and in its mirror image, and the presence in three crops of different rolls, where that of
 * other things falls more than that of a face. A face that was not found stays so if the detector sees it in neither crop.
 */
export async function rescoreDoubtful(
  search: Search,
  faces: readonly DetectedFace[],
): Promise<readonly DetectedFace[]> {
  const { presenceScorer, thorough, known } = search;
  if (!thorough || !presenceScorer) return faces;
  const doubtful = faces.filter((face) => isDoubtful(search, face) && !known.includes(face));
  if (doubtful.length === 0) return faces;
  const inCrops = await scoreCrops(search, doubtful);
  const presences = await scorePresences(search, presenceScorer, doubtful);
  return faces.map((face) => {
    const i = doubtful.indexOf(face);
    if (i < 0) return face;
    const [crop, mirror] = inCrops[i] as [number, number];
    if (!isFound(face) && Math.max(crop, mirror) <= minCropScore) return face;
    const logOdds =
      weights.found * Math.max(0, logit(face.score)) +
      weights.crop * logit(crop) +
      weights.mirrored * logit(mirror) +
      weights.presence * (presences[i] as number) -
      (isUpright(search, face) ? 0 : rolledPenalty) +
      weights.constant;
    return { ...face, score: logistic(logOdds) };
  });
}

function isDoubtful(search: Search, face: DetectedFace): boolean {
  if (face.score <= doubtfulScore.min || face.score >= doubtfulScore.max) return false;
  if (!isFound(face)) return true;
  return isUpright(search, face) && (face.firstPass?.presence ?? 1) < minConfirmedPresence;
}

function isUpright({ uprightRoll }: Search, { roll }: Face): boolean {
  return Math.abs(wrappedAngle(roll - uprightRoll)) <= minRolledAngle;
}

/** The scores of each face's detection in a crop of it, and in the mirror image of the crop. */
async function scoreCrops(search: Search, faces: readonly Face[]): Promise<[crop: number, mirror: number][]> {
  const { detector, signal } = search;
  signal?.throwIfAborted();
  const found = await detector.find(cropsAndMirrors(search, faces), signal);
  return faces.map(({ box }, i) => {
    const shown = inCrop(box, detector.inputSize);
    const scoreAmong = (detections: readonly Face[]) =>
      Math.max(minCropScore, ...detections.filter((each) => isDuplicate(shown, each)).map(({ score }) => score));
    return [scoreAmong(found[2 * i] as Face[]), scoreAmong(found[2 * i + 1] as Face[])];
  });
}

/** Renders one crop at a time, so that only the detector's current batch is in memory. */
function* cropsAndMirrors({ picture, detector: { inputSize } }: Search, faces: readonly Face[]): Generator<Pixels> {
  for (const { box, roll } of faces) {
    const view = squareCrop(boxCentre(box), cropScale * Math.max(box.width, box.height), roll, inputSize);
    const crop = warp(picture, view, inputSize, inputSize);
    yield crop;
    yield mirrored(crop);
  }
}

/** A face in its crop: upright and in the middle, and so at the same place in the mirror image. */
function inCrop(box: Face['box'], size: number): Face {
  const scale = size / (cropScale * Math.max(box.width, box.height));
  const [width, height] = [box.width * scale, box.height * scale];
  return { box: { x: (size - width) / 2, y: (size - height) / 2, width, height }, score: 0, roll: 0 };
}

/** The mean log odds of each face's presence in crops of different rolls. */
async function scorePresences(
  { picture, signal }: Search,
  presenceScorer: PresenceScorer,
  faces: readonly Face[],
): Promise<number[]> {
  const tilted = faces.flatMap((face) => tilts.map((tilt) => ({ ...face, roll: face.roll + tilt })));
  const logOdds = (await presenceScorer(picture, tilted, signal)).map(({ presence }) => logit(presence));
  return faces.map(
    (_, i) => logOdds.slice(i * tilts.length, (i + 1) * tilts.length).reduce((sum, each) => sum + each) / tilts.length,
  );
}
