import type { Box, Face } from '../core/types.ts';
import type { Affine } from '../image/affine.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import type { DetectedFace, Detector } from './detector.ts';
import { type Detectors, runDetector, type Search } from './run-detector.ts';
import { overlaps } from './same-face.ts';
import { searchPicture } from './search-picture.ts';
import { settle } from './settle.ts';
import { byScore } from './suppression.ts';
import { crowdedQuarters, tileLevels, tileView } from './tiles.ts';
import { rotatedViews, turnedViews, uprightView, upsideDownViews } from './views.ts';

/** Which faces detection returns, and how thoroughly it searches. */
export interface DetectionLimits {
  /** The minimum score of a returned face, 0 to 1. It does not change the search. */
  minScore: number;
  /** The maximum number of returned faces. It does not change the search. */
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

/** From this score on a face is found, and the views for photos without a face are not searched. */
const minFoundScore = 0.5;

/**
 * A head with a larger roll, in radians, suggests that the whole photo is rotated and that other heads are rolled too.
 */
const uprightRoll = Math.PI / 12;

/**
 * Finds the faces in a picture: first large ones in views of the whole picture, then small ones in tiles. All views
 * give candidates; `settle` decides which of them are faces.
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
  const { minScore, maxFaces, known = [] } = request;
  const found = await findFaces(picture, detectors, { ...request, known }, signal);
  return byScore(found.filter((face) => face.score >= minScore && !known.includes(face))).slice(0, maxFaces);
}

function findFaces(
  picture: PixelSource,
  detectors: Detectors,
  request: Required<DetectionRequest>,
  signal: AbortSignal | undefined,
): Promise<readonly DetectedFace[]> {
  const { detector } = detectors;
  if ('search' in detector) return searchPicture(picture, detector, request, signal);
  return searchViews({ ...detectors, detector, picture, known: request.known, signal }, request);
}

/** Searches views of the picture with a detector of small squares. Returns the known faces and those found. */
async function searchViews(search: Search, { minSize, thorough }: DetectionRequest): Promise<readonly DetectedFace[]> {
  const large = await findLargeFaces(search, thorough);
  return findSmallFaces(search, minSize, large);
}

/** Searches views of the whole picture. Returns the known faces and those found. */
async function findLargeFaces(search: Search, thorough: boolean): Promise<readonly DetectedFace[]> {
  const { picture, detector, refiner, known } = search;
  const { inputSize } = detector;
  const candidates = await findCandidates(search, detector, [uprightView(picture, inputSize)]);
  if (thorough && refiner && refiner !== detector) {
    const size = refiner.inputSize;
    const views = [uprightView(picture, size), ...turnedViews(picture, [Math.PI], size)];
    candidates.push(...(await findCandidates(search, refiner, views)));
  }
  let faces = await settle(search, candidates, known);
  const settleViews = async (views: readonly Affine[]) => {
    faces = await settle(search, await findCandidates(search, detector, views), faces);
  };
  if (!faces.some(isFound) || (thorough && !refiner)) await settleViews(rotatedViews(picture, inputSize));
  // If one head is rolled, smaller ones may be rolled too.
  else if (thorough) await settleViews(turnedViews(picture, rollsOf(faces), inputSize));
  if (thorough && !faces.some(isFound)) await settleViews(upsideDownViews(picture, inputSize));
  return faces;
}

/** Searches tiles of the picture, and quarters of those with a crowd. Returns the large faces and those found. */
async function findSmallFaces(
  search: Search,
  minSize: DetectionLimits['minSize'],
  large: readonly DetectedFace[],
): Promise<readonly DetectedFace[]> {
  const { picture } = search;
  // The refiner's small network takes a fraction of the detector's time for tiles with faces of the same input size. Without the
  // presence as evidence, two different networks have to agree.
  const detector = (search.presenceScorer && search.refiner) ?? search.detector;
  const side = Math.max(minSize.pixels, minSize.share * Math.max(picture.width, picture.height));
  const searchTiles = async (tiles: readonly Box[], faces: readonly DetectedFace[]) => {
    const views = tiles.map((tile) => tileView(tile, detector.inputSize));
    const candidates = await findCandidates(search, detector, views);
    return settle(search, search.presenceScorer ? candidates : candidates.filter(isClearInTile), faces);
  };
  const levels = tileLevels(picture, side, detector.inputSize);
  const faces = await searchTiles(levels.flat(), large);
  const crowded = crowdedQuarters(levels[0] ?? [], faces.filter(isFound));
  return searchTiles(crowded, faces);
}

/** The detections in views that are not known faces and whose score is high enough to examine them. */
async function findCandidates(search: Search, detector: Detector, views: readonly Affine[]): Promise<Face[]> {
  const minScore = search.presenceScorer ? minCandidateScore : minUnscoredCandidateScore;
  const detections = (await runDetector(search, detector, views)).flat();
  return detections.filter((face) => face.score >= minScore && !search.known.some((other) => overlaps(face, other)));
}

/** Without the presence as evidence, a face in a tile must be clear: tiles yield many false candidates. */
function isClearInTile({ score }: Face): boolean {
  return score >= 0.75;
}

function isFound({ score }: Face): boolean {
  return score >= minFoundScore;
}

/** The rolls of heads that are not upright. */
function rollsOf(faces: readonly Face[]): number[] {
  return faces
    .filter(isFound)
    .map(({ roll }) => roll)
    .filter((roll) => Math.abs(roll) > uprightRoll);
}
