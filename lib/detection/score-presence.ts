import type { Face } from '../core/types.ts';
import type { DetectedFace, PresenceScore, PresenceScorer } from './detector.ts';
import type { Search } from './run-detector.ts';

/** From this score on a detection is certain: the presence scorer does not run on it. */
const certainScore = 0.75;

/** Below this score a detection is dropped before the presence scorer runs. */
const doubtfulScore = 0.35;

/** The minimum score before presence is scored: lower than the caller's where a presence scorer can raise it. */
export function minDetectionScore({ minScore, presenceScorer }: Search): number {
  return presenceScorer ? Math.min(doubtfulScore, minScore) : minScore;
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
  const doubtful = faces.filter(({ score }) => score < certainScore);
  const scores = await presenceScorer(picture, doubtful, signal);
  const scored = doubtful.map((face, i) => {
    const { presence, firstPass } = scores[i] as PresenceScore;
    return { ...face, score: (face.score + presence) / 2, firstPass };
  });
  return [...faces.filter(({ score }) => score >= certainScore), ...scored];
}
