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

/** A box that differs more from one without a face may lead to a face: a close-up finds it only at about the right size. */
const minRepetitionOverlap = 0.5;

/** The minimum first score of a candidate for another examination at a place and roll: weak ones rarely lead to a face. */
const minRetrialScore = 0.3;

/**
 * Decides which candidates are faces. Candidates at one place with different rolls are rivals: each is refined and
 * scored by the evidence, and the strongest wins. Where the strongest is turned, an upright rival is always tried.
 *
 * @param faces faces that were found before.
 * @returns those and the new ones, one at each place, strongest first.
 */
export async function settle(
  search: Search,
  candidates: readonly Face[],
  faces: readonly DetectedFace[],
): Promise<readonly DetectedFace[]> {
  const open = candidates.filter((candidate) => !faces.some((face) => isSettled(search, face, candidate)));
  const strongest = suppress(open, overlaps);
  const scored = afterFailures(faces, await score(search, strongest));
  const rivals = open.filter((candidate) => !strongest.includes(candidate) && deservesTrial(candidate, strongest));
  const contenders = [...rivals, ...uprightRivals(search, scored)].filter(
    (candidate) => !scored.some((face) => isSettled(search, face, candidate)),
  );
  const contending = afterFailures([...faces, ...scored], await score(search, suppress(contenders, isRepetition)));
  return suppress([...faces, ...scored, ...contending], overlaps, (face) => strength(search, face));
}

/**
 * Halves the odds of faces at a place where an earlier examination with a similar roll led to no face: each examination is
 * another chance of an error.
 */
function afterFailures(earlier: readonly Face[], faces: readonly DetectedFace[]): DetectedFace[] {
  const hasFailed = (face: Face) => earlier.some((other) => !isFound(other) && isDuplicate(other, face));
  return faces.map((face) => (hasFailed(face) ? { ...face, score: face.score / (2 - face.score) } : face));
}

/** Whether a candidate differs in its roll from those examined, or is strong enough for another trial. */
function deservesTrial(candidate: Face, examined: readonly Face[]): boolean {
  return candidate.score >= minRetrialScore || !examined.some((other) => isDuplicate(other, candidate));
}

/** The log odds of a face, with an advantage for upright ones that are found. */
function strength({ uprightRoll }: Search, face: Face): number {
  const advantage = isFound(face) && !isTurned(face, uprightRoll) ? uprightAdvantage : 0;
  return Math.log(face.score / (1 - face.score)) + advantage;
}

/** Whether a candidate need not be examined, because the face at its place is known. */
function isSettled(search: Search, face: DetectedFace, candidate: Face): boolean {
  if (isClear(search, face)) return overlaps(face, candidate);
  return isFound(face) ? isDuplicate(face, candidate) : isRepetition(face, candidate);
}

/** Whether an examination of a candidate would have the result of an earlier one at the same place. */
function isRepetition(face: Face, candidate: Face): boolean {
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
