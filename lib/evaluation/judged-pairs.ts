import { type Judgement, judgeOf, strangerSimilarityOf } from '../comparison/conditional.ts';
import type { Calibration } from '../core/types.ts';
import type { ComparedFaces } from './compared-faces.ts';

/** What is decided on a pair. */
export type PairVerdict = Pick<Judgement, 'same' | 'threshold' | 'reason'>;

/** Judges a pair by the positions of its faces and their distance. */
type PairJudge<Verdict> = (a: number, b: number, distance: number) => Verdict;

/**
 * Judges pairs as `compare` does if the faces were compared with a calibration, and by the threshold alone otherwise.
 *
 * @param threshold for pairs of unknown quality.
 */
export function pairJudge({ faces, calibration }: ComparedFaces, threshold: number): PairJudge<PairVerdict> {
  if (calibration) return calibratedJudge(faces, calibration, threshold);
  return (_a, _b, distance) => ({ same: distance <= threshold, threshold });
}

/** Judges pairs as `compare` does. The rule of each face is computed once: the clearer face of a pair decides. */
export function calibratedJudge(
  faces: ComparedFaces['faces'],
  calibration: Calibration,
  threshold: number,
): PairJudge<Judgement> {
  const unknown = judgeOf(threshold, undefined, calibration);
  const rules = similaritiesOf(faces, calibration).map((similarity) => ({
    similarity,
    judge: judgeOf(threshold, similarity, calibration),
  }));
  return (a, b, distance) => {
    const [x, y] = [rules[a] as (typeof rules)[0], rules[b] as (typeof rules)[0]];
    if (x.similarity === undefined || y.similarity === undefined) return unknown(distance);
    return (x.similarity < y.similarity ? x : y).judge(distance);
  };
}

/** How the quality of faces takes part in judging their pairs. */
export interface FaceRatings {
  /** The number of faces whose quality the calibration knows. A pair of two such faces is judged by quality. */
  rated: number;
  /** Whether each face is too poor: two such faces are not compared. */
  poor: readonly boolean[];
}

export function faceRatings({ faces, calibration }: ComparedFaces): FaceRatings {
  const similarities = calibration ? similaritiesOf(faces, calibration) : [];
  const limit = calibration?.conditional?.limit ?? Number.POSITIVE_INFINITY;
  return {
    rated: similarities.filter((similarity) => similarity !== undefined).length,
    poor: similarities.map((similarity) => similarity !== undefined && similarity > limit),
  };
}

/** The similarity to strangers of each face, as far as the calibration judges by it. */
function similaritiesOf(faces: ComparedFaces['faces'], calibration: Calibration): (number | undefined)[] {
  return faces.map((face) => (calibration.conditional ? strangerSimilarityOf(face, calibration) : undefined));
}
