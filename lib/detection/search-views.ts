import { boxCentre } from '../core/math.ts';
import type { Box, Face } from '../core/types.ts';
import type { Affine } from '../image/affine.ts';
import { commonRoll, maxUprightRoll } from './common-roll.ts';
import type { DetectedFace, Detector } from './detector.ts';
import { isFound, withUprightRoll } from './evidence.ts';
import { rescoreDoubtful } from './rescore-doubtful.ts';
import { runDetector, type Search } from './run-detector.ts';
import { overlaps } from './same-face.ts';
import { isRepetition, settle } from './settle.ts';
import { crowdedPictureTiles, crowdedQuarters, tileLevels, tileView } from './tiles.ts';
import { rotatedViews, turnedViews, upAndDownViews, uprightView, upsideDownViews } from './views.ts';

/** The minimum first score of a candidate: small or rolled faces score low in a view of the whole picture. */
const minCandidateScore = 0.12;

/**
 * The same in tiles, which yield more false candidates, and in which a face is large enough to score higher. In a crowd, where
 * a weak candidate is more often a face, `minCandidateScore` applies: of heads side by side with a face of `minSize`, 98 % are
 * found instead of 96 %.
 */
const minTileCandidateScore = 0.3;

/**
 * A candidate is at the border of the picture if its centre is nearer to it than this multiple of its side. There the
 * borders of the tiles lie too, and scores are lower: a face of 12 to 14 input pixels often has only 0.12 to 0.3. One on
 * a seam is further inside another tile. At the border `minCandidateScore` applies in tiles as well.
 */
const borderReach = 1;

/** The minimum first scores without a presence scorer, which would reject false candidates. */
const unscored = { minCandidateScore: 0.3, minTileCandidateScore: 0.75 };

/**
 * Searches square views of a picture: first the whole picture for large faces, then tiles for small ones. All views
 * give candidates; `settle` decides which of them are faces.
 *
 * @param minSize the side of the smallest face to find, in source pixels.
 * @returns the known faces and those found.
 */
export async function searchViews(search: Search, minSize: number): Promise<readonly DetectedFace[]> {
  const large = await findLargeFaces(search);
  const upright = { ...search, uprightRoll: commonRoll(large) };
  return rescoreDoubtful(upright, await findSmallFaces(upright, minSize, large));
}

/** Searches views of the whole picture. Returns the known faces and those found. */
async function findLargeFaces(search: Search): Promise<readonly DetectedFace[]> {
  const { picture, detector, refiner, presenceScorer, known, thorough } = search;
  const { inputSize } = detector;
  const minScore = () => (presenceScorer ? minCandidateScore : unscored.minCandidateScore);
  const candidates = await findCandidates(search, detector, [uprightView(picture, inputSize)], minScore);
  if (thorough && refiner) {
    const views = upAndDownViews(picture, refiner.inputSize);
    candidates.push(...(await findCandidates(search, refiner, views, minScore)));
  }
  let faces = await settle(search, candidates, known);
  const settleViews = async (views: readonly Affine[]) => {
    const further = await findCandidates(search, detector, views, minScore);
    candidates.push(...further);
    faces = await settle(search, further, faces);
  };
  if (!faces.some(isFound) || (thorough && !refiner)) await settleViews(rotatedViews(picture, inputSize));
  // If one head is rolled, smaller ones may be rolled too.
  else if (thorough) await settleViews(turnedViews(picture, rollsOf(faces), inputSize));
  if (thorough && !faces.some(isFound)) await settleViews(upsideDownViews(picture, inputSize));
  const uprightRoll = commonRoll(faces);
  if (uprightRoll === 0) return faces;
  const turned = { ...search, uprightRoll };
  // The scores of these faces and of the smaller ones that follow have to be comparable.
  const found = faces.filter(isFound).map((face) => (known.includes(face) ? face : withUprightRoll(turned, face)));
  return settle(turned, candidates, found);
}

/** Searches tiles of the picture, and quarters of those with a crowd. Returns the large faces and those found. */
async function findSmallFaces(
  search: Search,
  minSize: number,
  large: readonly DetectedFace[],
): Promise<readonly DetectedFace[]> {
  const { picture, presenceScorer, uprightRoll } = search;
  // The refiner's small network takes a third of the detector's time for the same area with faces of the same input
  // size. Without the presence as evidence, two different networks have to agree.
  const detector = (presenceScorer && search.refiner) ?? search.detector;
  const minScoreOf = (inCrowd: boolean) => (face: Face) => {
    if (!presenceScorer) return unscored.minTileCandidateScore;
    return inCrowd || isAtBorder(face, picture) ? minCandidateScore : minTileCandidateScore;
  };
  const searchTiles = async (tiles: readonly Box[], faces: readonly DetectedFace[], inCrowd = false) => {
    const minScore = minScoreOf(inCrowd);
    const views = tiles.map((tile) => tileView(tile, quarterTurn(uprightRoll), detector.inputSize));
    return settle(search, await findCandidates(search, detector, views, minScore), faces, isRepetition);
  };
  const levels = tileLevels(picture, minSize, detector.inputSize);
  const faces = await searchTiles(levels.flat(), large);
  const found = faces.filter(isFound);
  const [smallest] = levels;
  if (smallest) return searchTiles(crowdedQuarters(smallest, found), faces, true);
  return search.thorough ? searchTiles(crowdedPictureTiles(picture, minSize, found), faces, true) : faces;
}

/** The detections in views that are not known faces and whose score is high enough to examine them. */
async function findCandidates(
  search: Search,
  detector: Detector,
  views: readonly Affine[],
  minScore: (face: Face) => number,
): Promise<Face[]> {
  const detections = (await runDetector(search, detector, views)).flat();
  return detections.filter(
    (face) => face.score >= minScore(face) && !search.known.some((other) => overlaps(face, other)),
  );
}

function isAtBorder({ box }: Face, { width, height }: Search['picture']): boolean {
  const { x, y } = boxCentre(box);
  return Math.min(x, y, width - x, height - y) < borderReach * Math.max(box.width, box.height);
}

/** The nearest multiple of 90°, in radians: tiles that are turned by it still cover the picture. */
function quarterTurn(roll: number): number {
  return (Math.round((roll * 2) / Math.PI) * Math.PI) / 2;
}

/** The rolls of heads that are not upright. */
function rollsOf(faces: readonly Face[]): number[] {
  return faces
    .filter(isFound)
    .map(({ roll }) => roll)
    .filter((roll) => Math.abs(roll) > maxUprightRoll);
}
