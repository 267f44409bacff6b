import type { Face } from '../core/types.ts';
import type { Affine } from '../image/affine.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import type { DetectedFace, Detector } from './detector.ts';
import { type CombineScores, refineCandidates } from './refine.ts';
import { type Detectors, runDetector, type Search } from './run-detector.ts';
import { isDuplicate, overlaps } from './same-face.ts';
import { minDetectionScore, scorePresence } from './score-presence.ts';
import { searchPicture } from './search-picture.ts';
import { byScore, suppress } from './suppression.ts';
import { rotatedViews, tileViews, turnedViews, uprightView, upsideDownViews } from './views.ts';

/** Which faces detection returns, and how thoroughly it searches. */
export interface DetectionLimits {
  /** The minimum score of a returned face, 0 to 1. */
  minScore: number;
  /** The maximum number of returned faces. */
  maxFaces: number;
  /**
   * Whether to search rotated views even if an upright face was found, and upside-down views if none was found.
   */
  thorough: boolean;
  /** The smallest face to find: the larger of `pixels`, in source pixels, and `share` of the picture's longer side. */
  minSize: { pixels: number; share: number };
}

/** The limits of one detection, and the faces that it need not find. */
export interface DetectionRequest extends DetectionLimits {
  /** Faces of this picture that the caller knows already. */
  known?: readonly Face[];
}

/** The minimum first score of a candidate: small or rolled faces score low in a view of the whole picture. */
const minCandidateScore = 0.12;

/** The same without a presence scorer, which would reject false candidates. */
const minUnscoredCandidateScore = 0.3;

/**
 * A head with a larger roll, in radians, suggests that the whole photo is rotated and that other heads are rolled too.
 */
const uprightRoll = Math.PI / 12;

/**
 * Finds the faces in a picture: first large ones in views of the whole picture, then small ones in tiles. Each
 * candidate is refined, and its presence is scored if the detection score stays uncertain.
 *
 * @returns the faces that are not `known`, in source pixels, strongest first.
 * @throws `signal.reason` when aborted; whatever a network throws.
 */
export async function detectFaces(
  picture: PixelSource,
  detectors: Detectors,
  request: DetectionRequest,
  signal?: AbortSignal,
): Promise<DetectedFace[]> {
  const { minScore, maxFaces, minSize, thorough, known = [] } = request;
  const { detector } = detectors;
  if ('search' in detector) {
    return byScore(await searchPicture(picture, detector, request, signal)).slice(0, maxFaces);
  }
  const search: Search = { ...detectors, detector, picture, minScore, signal };
  const large = await findLargeFaces(search, thorough, known);
  const faces = await findSmallFaces(search, minSize, large);
  return byScore(faces.filter((face) => !known.includes(face))).slice(0, maxFaces);
}

/** Searches views of the whole picture. Returns `known` and the faces found. */
async function findLargeFaces(
  search: Search,
  thorough: boolean,
  known: readonly DetectedFace[],
): Promise<readonly DetectedFace[]> {
  const { picture, detector, refiner } = search;
  const { inputSize } = detector;
  const candidates = await findCandidates(search, detector, [uprightView(picture, inputSize)]);
  if (thorough && refiner && refiner !== detector) {
    const size = refiner.inputSize;
    const views = [uprightView(picture, size), ...turnedViews(picture, [Math.PI], size)];
    candidates.push(...(await findCandidates(search, refiner, views)));
  }
  let faces = await confirm(search, candidates, mean, known);
  const searchViews = async (views: readonly Affine[]) => {
    if (views.length > 0) faces = await confirm(search, await findCandidates(search, detector, views), mean, faces);
  };
  if (faces.length === 0 || (thorough && !refiner)) await searchViews(rotatedViews(picture, inputSize));
  // If one head is rolled, smaller ones may be rolled too.
  else if (thorough) await searchViews(turnedViews(picture, rollsOf(faces), inputSize));
  if (thorough && faces.length === 0) await searchViews(upsideDownViews(picture, inputSize));
  return faces;
}

/** Searches tiles of the picture. Returns `known` and the faces found. */
async function findSmallFaces(
  search: Search,
  minSize: DetectionLimits['minSize'],
  known: readonly DetectedFace[],
): Promise<readonly DetectedFace[]> {
  const { picture, detector, presenceScorer } = search;
  const side = Math.max(minSize.pixels, minSize.share * Math.max(picture.width, picture.height));
  const candidates = await findCandidates(search, detector, tileViews(picture, side, detector.inputSize));
  // Many tiles yield more false candidates than one view. Without a presence scorer both scores must be high.
  return confirm(search, candidates, presenceScorer ? mean : Math.min, known);
}

/** The detections in views whose score is high enough to refine them or, without a refiner, to score their presence. */
async function findCandidates(search: Search, detector: Detector, views: readonly Affine[]): Promise<Face[]> {
  const { refiner, presenceScorer } = search;
  const minRefinedScore = presenceScorer ? minCandidateScore : minUnscoredCandidateScore;
  const minScore = refiner ? Math.min(minRefinedScore, minDetectionScore(search)) : minDetectionScore(search);
  return (await runDetector(search, detector, views)).flat().filter(({ score }) => score >= minScore);
}

/**
 * Refines candidates, scores the presence of uncertain ones and drops duplicates.
 *
 * @param combineScores a face's score from its detection score and its refined score.
 * @param known faces that were found before.
 * @returns the known faces and the new ones.
 */
async function confirm(
  search: Search,
  candidates: readonly Face[],
  combineScores: CombineScores,
  known: readonly DetectedFace[],
): Promise<readonly DetectedFace[]> {
  const { refiner, presenceScorer, minScore } = search;
  const unknown = candidates.filter((face) => !known.some((other) => overlaps(face, other)));
  const distinct = suppress(unknown, isDuplicate);
  const refined = refiner ? await refineCandidates(search, refiner, distinct, combineScores) : distinct;
  // Detections of one head with different rolls remain: the presence score decides between them.
  const faces = suppress(
    refined.filter(({ score }) => score >= minDetectionScore(search)),
    isDuplicate,
  );
  const scored = presenceScorer ? await scorePresence(presenceScorer, search, faces) : faces;
  const accepted: DetectedFace[] = scored.filter(({ score }) => score >= minScore);
  return suppress([...known, ...accepted], overlaps);
}

function mean(a: number, b: number): number {
  return (a + b) / 2;
}

/** The rolls of heads that are not upright. */
function rollsOf(faces: readonly Face[]): number[] {
  return faces.map(({ roll }) => roll).filter((roll) => Math.abs(roll) > uprightRoll);
}
