import type { Face } from '../core/types.ts';
import type { PresenceScorer } from './detector.ts';
import type { Search } from './run-detector.ts';

/** From this score on a detection is certain: the presence scorer does not run on it. */
const certainScore = 0.75;

/** Below this score a detection is dropped before the presence scorer runs. */
const doubtfulScore = 0.35;

/** The minimum score before presence is scored: lower than the caller's where a presence scorer can raise it. */
export function minDetectionScore({ minScore, presenceScorer }: Search): number {
  return presenceScorer ? Math.min(doubtfulScore, minScore) : minScore;
}

/** Scores the presence of uncertain faces: their score becomes the mean of the detector's and the presence scorer's. */
export async function scorePresence(
  presenceScorer: PresenceScorer,
  { picture, signal }: Search,
  faces: readonly Face[],
): Promise<Face[]> {
  const doubtful = faces.filter(({ score }) => score < certainScore);
  const presences = await presenceScorer(picture, doubtful, signal);
  const scored = doubtful.map((face, i) => ({ ...face, score: (face.score + (presences[i] as number)) / 2 }));
  return [...faces.filter(({ score }) => score >= certainScore), ...scored];
}
