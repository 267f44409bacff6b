import { boxCentre, logistic } from '../core/math.ts';
import type { Face, Pixels } from '../core/types.ts';
import { squareCrop, wrappedAngle } from '../image/affine.ts';
import { mirrored } from '../image/mirror.ts';
import { warp } from '../image/warp.ts';
import type { DetectedFace, PresenceScorer } from './detector.ts';
import { isFound, logit } from './evidence.ts';
import type { Search } from './run-detector.ts';
import { isDuplicate } from './same-face.ts';

/** Faces with a lower score are not examined again: further evidence rarely finds them. */
const minUncertainScore = 0.1;

/** Heads that are rolled by more against the others, in radians, are not examined again: most false detections are. */
const maxRoll = Math.PI / 9;

/** The side of the crop as a multiple of the box's longer side. */
const cropScale = 5;

/** The angles by which the crops of the presence scorer are tilted, in radians. */
const tilts = [-Math.PI / 12, Math.PI / 12];

/**
 * The weights of the log odds, fitted by logistic regression to upright detections that were not found: those of faces
 * of LFW that are half covered, masked, cut, dark or small, and those in 240 drawings without a person. As in
 * `evidence.ts`, all are halved. The constant is lowered by 0.75, for a margin to the strongest drawing.
 */
const weights = { crop: 0.37, mirrored: 0.67, tilted: 0.73, constant: 0.86 };

/** The minimum score in a crop: what a network misses in one crop it may find in another. */
const minCropScore = 0.25;

/**
 * Scores upright faces that are just not found once more, after all rivals at their places are settled: a covered half
 * lowers the first scores. The evidence is the detector's score in a wide crop and in its mirror image, and the presence
 * in tilted crops, where that of other things falls more than that of a face.
 */
export async function rescoreUnfound(search: Search, faces: readonly DetectedFace[]): Promise<readonly DetectedFace[]> {
  const { presenceScorer, uprightRoll, thorough, known } = search;
  if (!thorough || !presenceScorer) return faces;
  const isUpright = ({ roll }: Face) => Math.abs(wrappedAngle(roll - uprightRoll)) <= maxRoll;
  const unfound = faces.filter(
    (face) => !isFound(face) && face.score > minUncertainScore && isUpright(face) && !known.includes(face),
  );
  if (unfound.length === 0) return faces;
  const inCrops = await scoreCrops(search, unfound);
  const tilted = await scoreTilted(search, presenceScorer, unfound);
  return faces.map((face) => {
    const i = unfound.indexOf(face);
    if (i < 0) return face;
    const [crop, mirror] = inCrops[i] as [number, number];
    const logOdds =
      weights.crop * logit(crop) + weights.mirrored * logit(mirror) + weights.tilted * (tilted[i] as number);
    return { ...face, score: logistic(logOdds + weights.constant) };
  });
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

/** The mean log odds of each face's presence in crops that are tilted to both sides. */
async function scoreTilted(
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
