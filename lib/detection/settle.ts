import { intersectionOverUnion } from '../core/overlap.ts';
import type { Face } from '../core/types.ts';
import type { DetectedFace } from './detector.ts';
import { isFound, minDetectionScore, scoreByEvidence } from './evidence.ts';
import { refine } from './refine.ts';
import { rescoreUncertain } from './rescoring.ts';
import type { Search } from './run-detector.ts';
import { hasSimilarRoll, isDuplicate, isTurned, overlaps } from './same-face.ts';
import { suppress } from './suppression.ts';

/**
 * An upright face with at least this score is clear: other candidates at its place are skipped. The highest score of an
 * upright detection of a face that is upside down was 0.80.
 */
const minClearScore = 0.88;

/**
 * The log odds by which a turned face must be stronger than an upright one at its place. With the penalty of
 * evidence.ts, upside-down detections of masked faces were stronger by up to 0.9, those of faces that are upside down by
 * at least 1.5.
 */
const uprightAdvantage = 1.2;

/** Whether two detections count as one. */
type SameFace = (a: Face, b: Face) => boolean;

/** A box that differs more from one that led to no face may lead to one: a close-up finds a face only at about its size. */
const minRepetitionOverlap = 0.5;

/**
 * Decides which candidates are faces. Candidates at one place with different rolls are rivals: each is refined and
 * scored by the evidence, and the strongest wins. Where the strongest is turned, an upright rival is always tried.
 *
 * @param faces faces that were found before.
 * @param isExamined whether a candidate need not be examined after another that led to no face.
 * @returns those and the new ones, one at each place, strongest first.
 */
export async function settle(
  search: Search,
  candidates: readonly Face[],
  faces: readonly DetectedFace[],
  isExamined: SameFace = isDuplicate,
): Promise<readonly DetectedFace[]> {
  const isOpen = (candidate: Face) => !faces.some((face) => isSettled(search, face, candidate, isExamined));
  const distinct = suppress(candidates.filter(isOpen), isExamined);
  const strongest = suppress(distinct, overlaps);
  const scored = await score(search, strongest);
  const rivals = distinct.filter((candidate) => !strongest.includes(candidate));
  const isUndecided = (candidate: Face) => !scored.some((face) => isSettled(search, face, candidate, isExamined));
  const contenders = [...rivals, ...uprightRivals(search, scored)].filter(isUndecided);
  scored.push(...(await score(search, suppress(contenders, isExamined))));
  // A turned contender may be the first face at its place that the refiner confirms.
  const isNew = (rival: Face) => !contenders.some((contender) => isExamined(contender, rival));
  const last = uprightRivals(search, scored).filter((rival) => isUndecided(rival) && isNew(rival));
  scored.push(...(await score(search, suppress(last, isExamined))));
  return suppress([...faces, ...scored], overlaps, (face) => strength(search, face));
}

/** The log odds of a face, with an advantage for upright ones that are found. */
function strength({ uprightRoll }: Search, face: Face): number {
  const advantage = isFound(face) && !isTurned(face, uprightRoll) ? uprightAdvantage : 0;
  return Math.log(face.score / (1 - face.score)) + advantage;
}

/** Whether a candidate need not be examined, because the face at its place is known. */
function isSettled(search: Search, face: DetectedFace, candidate: Face, isExamined: SameFace): boolean {
  if (isClear(search, face)) return overlaps(face, candidate);
  return isFound(face) ? isDuplicate(face, candidate) : isExamined(face, candidate);
}

/** Whether two candidates have so similar boxes and rolls that examining one tells about the other. For tiles. */
export function isRepetition(face: Face, candidate: Face): boolean {
  return hasSimilarRoll(face, candidate) && intersectionOverUnion(face.box, candidate.box) > minRepetitionOverlap;
}

function isClear({ uprightRoll }: Search, face: Face): boolean {
  return face.score >= minClearScore && !isTurned(face, uprightRoll);
}

async function score(search: Search, candidates: readonly Face[]): Promise<DetectedFace[]> {
  const refined = (await refine(search, candidates)).filter(({ score }) => score >= minDetectionScore);
  return rescoreUncertain(search, await scoreByEvidence(search, suppress(refined, isDuplicate)));
}

function uprightRivals({ uprightRoll }: Search, faces: readonly Face[]): Face[] {
  return faces.filter((face) => isTurned(face, uprightRoll)).map(({ box }) => ({ box, score: 0, roll: uprightRoll }));
}
