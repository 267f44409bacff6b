import { boxCentre } from '../core/math.ts';
import type { Face } from '../core/types.ts';
import { type Affine, squareCrop } from '../image/affine.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import type { Detector } from './detector.ts';
import { type Detectors, runDetector, type Search } from './run-detector.ts';
import { hasSimilarRoll } from './same-face.ts';

/**
 * The side of the refiner's crop as a multiple of the box's longer side. BlazeFace is most accurate on faces of this
 * size.
 */
const cropScale = 3;

/** Maximum refinement passes per candidate. A further pass follows if the refined roll differs from the crop's. */
const maxRefinements = 3;

/**
 * Runs the refiner on an upright crop of each candidate, until the refined roll agrees with the crop's.
 *
 * @returns the candidates that the refiner confirms, with its boxes, keypoints and scores; without a refiner, all of
 *   them unchanged.
 */
export async function refine(search: Search, candidates: readonly Face[]): Promise<Face[]> {
  const { refiner } = search;
  if (!refiner) return [...candidates];
  const faces: Face[] = [];
  let pending = candidates;
  for (let pass = 0; pass < maxRefinements && pending.length > 0; pass++) {
    const found = await runDetector(search, refiner, closeUps(pending, refiner));
    const misaligned: Face[] = [];
    for (const [i, candidate] of pending.entries()) {
      const face = strongestNear(candidate, found[i] as Face[]);
      if (!face) continue;
      if (hasSimilarRoll(face, candidate)) faces.push({ ...face, score: refinedScore(search, candidate, face) });
      else misaligned.push(face);
    }
    pending = misaligned;
  }
  return faces;
}

/**
 * Detects faces where they are expected, by the refiner on an upright crop of each. A face that a view of the whole picture does not show
 * clearly enough is found in it.
 *
 * @param expected the faces in an earlier frame of a video, or where they are predicted.
 * @returns the face that is less than half a side away from each; undefined where there is none, and everywhere without a refiner.
 * @throws `signal.reason` when aborted; whatever the network throws.
 */
export async function detectNear(
  picture: PixelSource,
  { refiner }: Pick<Detectors, 'refiner'>,
  expected: readonly Face[],
  signal?: AbortSignal,
): Promise<(Face | undefined)[]> {
  if (!refiner) return expected.map(() => undefined);
  const found = await runDetector({ picture, signal }, refiner, closeUps(expected, refiner));
  return expected.map((face, i) => strongestNear(face, found[i] as Face[]));
}

/** The views of the refiner: an upright crop of each face. */
function closeUps(faces: readonly Face[], { inputSize }: Detector): Affine[] {
  return faces.map(({ box, roll }) =>
    squareCrop(boxCentre(box), cropScale * Math.max(box.width, box.height), roll, inputSize),
  );
}

/** The stronger of two detections. Without the presence as evidence, both have to be strong. */
function refinedScore({ presenceScorer }: Search, candidate: Face, refined: Face): number {
  return presenceScorer ? Math.max(candidate.score, refined.score) : (candidate.score + refined.score) / 2;
}

/** The strongest face whose centre is less than half a side away from the candidate's centre. */
function strongestNear(candidate: Face, faces: readonly Face[]): Face | undefined {
  const centre = boxCentre(candidate.box);
  const maxDistance = Math.max(candidate.box.width, candidate.box.height) / 2;
  return faces
    .filter(({ box }) => Math.hypot(boxCentre(box).x - centre.x, boxCentre(box).y - centre.y) < maxDistance)
    .sort((a, b) => b.score - a.score)[0];
}
