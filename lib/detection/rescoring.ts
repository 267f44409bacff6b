import { boxCentre, logistic } from '../core/math.ts';
import type { Face } from '../core/types.ts';
import { squareCrop } from '../image/affine.ts';
import type { DetectedFace, Detector } from './detector.ts';
import { logit } from './evidence.ts';
import { runDetector, type Search } from './run-detector.ts';
import { isDuplicate, isTurned } from './same-face.ts';

/** Upright faces with a score in this range are uncertain. The results in two more crops rarely outweigh a score outside it. */
const uncertainScore = { min: 0.15, max: 0.88 };

/** The sides of the crops as multiples of the box's longer side: a wide one for the detector, a tight one for the refiner. */
const cropScales = { detector: 5, refiner: 2 };

/** The weights of the log odds in the two crops, and the constant, fitted to the uncertain faces of `evidence.ts`. */
const weights = { detector: 0.5, refiner: 0.4, constant: -0.2 };

/** The minimum score in a crop: what a network misses in one crop it may find in another. */
const minCropScore = 0.25;

/**
 * Runs the detector and the refiner on other upright crops of each uncertain or turned face, and adds their scores to
 * the evidence. The two are different networks, so that their errors differ.
 */
export async function rescoreUncertain(search: Search, faces: readonly DetectedFace[]): Promise<DetectedFace[]> {
  const { detector, refiner, presenceScorer, uprightRoll, thorough } = search;
  if (!thorough || !presenceScorer || !refiner || detector === refiner) return [...faces];
  const uncertain = faces.filter(
    (face) => face.score > uncertainScore.min && (face.score < uncertainScore.max || isTurned(face, uprightRoll)),
  );
  const wide = await scoresIn(search, detector, uncertain, cropScales.detector);
  const tight = await scoresIn(search, refiner, uncertain, cropScales.refiner);
  return faces.map((face) => {
    const i = uncertain.indexOf(face);
    if (i < 0) return face;
    const evidence = weights.detector * logit(wide[i] as number) + weights.refiner * logit(tight[i] as number);
    return { ...face, score: logistic(logit(face.score) + evidence + weights.constant) };
  });
}

/** The highest score of a detection of each face in a crop of it. */
async function scoresIn(search: Search, by: Detector, faces: readonly Face[], cropScale: number): Promise<number[]> {
  const views = faces.map(({ box, roll }) =>
    squareCrop(boxCentre(box), cropScale * Math.max(box.width, box.height), roll, by.inputSize),
  );
  const found = await runDetector(search, by, views);
  return faces.map((face, i) => {
    const same = (found[i] as Face[]).filter((other) => isDuplicate(face, other));
    return Math.max(minCropScore, ...same.map(({ score }) => score));
  });
}
