import { logistic } from '../core/math.ts';
import type { Face } from '../core/types.ts';
import type { DetectedFace, PresenceScore } from './detector.ts';
import type { Search } from './run-detector.ts';
import { isTurned } from './same-face.ts';

/** Whether detection counts a face as found. The caller's `minScore` must not change the search. */
export function isFound({ score }: Pick<Face, 'score'>): boolean {
  return score >= 0.5;
}

/**
 * Faces with a lower detection score, the higher one of the candidate and of its refinement, are dropped before their
 * presence is scored. This is stricter than the weights: an upright face with a presence of 1 and the best agreement
 * reaches a score of 0.5 from a detection score of 0.26, and has 0.62 at this limit. Weaker detections are dropped
 * also if the mesh would confirm them. Decision 003 has the history and a measurement.
 */
export const minDetectionScore = 0.35;

/**
 * The weights of the evidence for a face, fitted by logistic regression. The positives are faces of LFW, unchanged,
 * upside down, cut at the nose or mouth, masked and reduced to 20 to 40 pixels. The negatives are detections in
 * drawings and photos without a person, and, with a fifth of the weight, detections of those faces with a wrong roll.
 * All weights are halved, which leaves 0.5 where it is and spreads the scores of clear faces.
 */
const weights = { detection: 1.2, presence: 0.2, disagreement: -1.22, constant: -4.3 };

/**
 * The log odds against a turned head, before any evidence: most heads have the roll of the others. Masked faces need it, whose evidence
 * is weak at every roll. Chosen so that few drawings without a person have a turned face; upside-down faces of LFW keep a
 * log odds of about 0.5 or more.
 */
const turnedPenalty = 1.8;

/** Probabilities are clamped to this distance from 0 and 1: networks are overconfident. */
const minProbability = 0.02;

/** The minimum disagreement that counts, as a share of the box: a smaller one is within the networks' precision. */
const minDisagreement = 0.02;

/**
 * Scores faces by the evidence of both networks: the detection score, the presence and the agreement of the landmarks
 * with the detector's keypoints. The landmarks stay with the face, so that the landmarker does not repeat its first
 * pass.
 */
export async function scoreByEvidence(
  { picture, presenceScorer, uprightRoll, signal }: Search,
  faces: readonly Face[],
): Promise<DetectedFace[]> {
  if (!presenceScorer || faces.length === 0) return [...faces];
  const scores = await presenceScorer(picture, faces, signal);
  return faces.map((face, i) => {
    const { firstPass, ...evidence } = scores[i] as PresenceScore;
    return { ...face, score: faceProbability(face, evidence, uprightRoll), firstPass };
  });
}

/**
 * The probability that a detection is a face with this roll.
 *
 * @param uprightRoll the expected roll of a head in this picture, in radians.
 */
export function faceProbability(
  face: Pick<Face, 'score' | 'roll'>,
  { presence, disagreement }: Omit<PresenceScore, 'firstPass'>,
  uprightRoll: number,
): number {
  // The weights were fitted to detections with keypoints. This mean is low if either network sees no face.
  if (disagreement === undefined) return Math.sqrt(face.score * presence);
  return logistic(
    weights.constant -
      (isTurned(face, uprightRoll) ? turnedPenalty : 0) +
      weights.detection * logit(face.score) +
      weights.presence * logit(presence) +
      weights.disagreement * Math.log(Math.max(disagreement, minDisagreement)),
  );
}

/** A face that was scored as if most heads were upright, with its score if most have the roll of the search. */
export function withUprightRoll({ presenceScorer, uprightRoll }: Search, face: DetectedFace): DetectedFace {
  if (!presenceScorer || !face.keypoints) return face;
  const change = turnedPenalty * (Number(isTurned(face, 0)) - Number(isTurned(face, uprightRoll)));
  return { ...face, score: logistic(Math.log(face.score / (1 - face.score)) + change) };
}

/** The log odds of a probability, which is clamped. */
export function logit(probability: number): number {
  const clamped = Math.min(Math.max(probability, minProbability), 1 - minProbability);
  return Math.log(clamped / (1 - clamped));
}
