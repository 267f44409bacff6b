import type { Face } from '../core/types.ts';
import type { DetectedFace, PresenceScore, PresenceScorer } from './detector.ts';
import type { Search } from './run-detector.ts';

/** Detections with at least this score skip the presence scorer. */
const minScoreWithoutPresence = 0.75;

/** Detections below this score are dropped before the presence scorer runs. */
const minScoreForPresence = 0.35;

/** The minimum score before presence is scored: lower than the caller's if a presence scorer can raise it. */
export function minDetectionScore({ minScore, presenceScorer }: Search): number {
  return presenceScorer ? Math.min(minScoreForPresence, minScore) : minScore;
}

/**
 * Scores the presence of uncertain faces: their score becomes the mean of the detector's and the presence scorer's. The
 * presence scorer's landmarks stay with the face, so that the landmarker does not repeat its first pass.
 */
export async function scorePresence(
  presenceScorer: PresenceScorer,
  { picture, signal }: Search,
  faces: readonly Face[],
): Promise<DetectedFace[]> {
  const uncertain = faces.filter(({ score }) => score < minScoreWithoutPresence);
  const scores = await presenceScorer(picture, uncertain, signal);
  const scored = uncertain.map((face, i) => {
    const { presence, firstPass } = scores[i] as PresenceScore;
    return { ...face, score: (face.score + presence) / 2, firstPass };
  });
  return [...faces.filter(({ score }) => score >= minScoreWithoutPresence), ...scored];
}
