import { boxCentre } from '../core/math.ts';
import type { Face } from '../core/types.ts';
import { squareCrop } from '../image/affine.ts';
import type { Detector } from './detector.ts';
import { runDetector, type Search } from './run-detector.ts';
import { hasSimilarRoll, overlaps } from './same-face.ts';

/** Once a refined candidate has at least this score, other candidates at the same place are skipped: they are the same head. */
const clearScore = 0.85;

/**
 * The side of the refiner's crop as a multiple of the box's longer side. BlazeFace is most accurate on faces of this
 * size.
 */
const cropScale = 3;

/** Maximum refinement passes per candidate. A further pass follows if the refined roll differs from the crop's. */
const maxRefinements = 3;

/** Combines the score of the detector with the score of the refiner. */
export type CombineScores = (detected: number, refined: number) => number;

/**
 * Refines the strongest candidate at each place. A weaker candidate there, with another roll, is refined as well unless
 * the strongest has a clear score: nearly always it is the same head.
 *
 * @param candidates strongest first.
 * @returns the candidates that the refiner confirms, with refined boxes, keypoints and scores.
 */
export async function refineCandidates(
  search: Search,
  refiner: Detector,
  candidates: readonly Face[],
  combineScores: CombineScores,
): Promise<Face[]> {
  const isRival = (face: Face, i: number) => candidates.slice(0, i).some((stronger) => overlaps(stronger, face));
  const strongest = candidates.filter((face, i) => !isRival(face, i));
  const faces = await refine(search, refiner, strongest, combineScores);
  const clear = faces.filter(({ score }) => score >= clearScore);
  const rivals = candidates.filter((face, i) => isRival(face, i) && !clear.some((other) => overlaps(other, face)));
  return [...faces, ...(await refine(search, refiner, rivals, combineScores))];
}

/** Runs the refiner on an upright crop of each candidate, until the refined roll agrees with the crop's. */
async function refine(
  search: Search,
  refiner: Detector,
  candidates: readonly Face[],
  combineScores: CombineScores,
): Promise<Face[]> {
  const faces: Face[] = [];
  let pending = candidates;
  for (let pass = 0; pass < maxRefinements && pending.length > 0; pass++) {
    const views = pending.map(({ box, roll }) =>
      squareCrop(boxCentre(box), cropScale * Math.max(box.width, box.height), roll, refiner.inputSize),
    );
    const found = await runDetector(search, refiner, views);
    const misaligned: Face[] = [];
    for (const [i, candidate] of pending.entries()) {
      const face = strongestNear(candidate, found[i] as Face[]);
      if (!face) continue;
      if (hasSimilarRoll(face, candidate)) faces.push({ ...face, score: combineScores(candidate.score, face.score) });
      else misaligned.push(face);
    }
    pending = misaligned;
  }
  return faces;
}

/** The strongest face whose centre is less than half a side away from the candidate's centre. */
function strongestNear(candidate: Face, faces: readonly Face[]): Face | undefined {
  const centre = boxCentre(candidate.box);
  const maxDistance = Math.max(candidate.box.width, candidate.box.height) / 2;
  return faces
    .filter(({ box }) => Math.hypot(boxCentre(box).x - centre.x, boxCentre(box).y - centre.y) < maxDistance)
    .sort((a, b) => b.score - a.score)[0];
}
