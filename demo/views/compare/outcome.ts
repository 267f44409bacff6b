import type { Verdict } from 'facenet-web';

/**
 * What the view says about two faces. `poor`: both photos are too poor to be compared, whatever the distance. `unsure`: the distance is
 * above the threshold, but the same person is still at least as likely as two people.
 */
export type Outcome = 'same' | 'different' | 'unsure' | 'poor';

/** The outcome of a comparison. */
export function outcomeOf({ same, probability, reason }: Verdict): Outcome {
  if (reason === 'quality') return 'poor';
  if (same) return 'same';
  return probability < 0.5 ? 'different' : 'unsure';
}

/** Whether the distance is within 8 % of the threshold, and decides: another photo may change the result. */
export function isClose({ distance, threshold, reason }: Verdict): boolean {
  return reason === undefined && Math.abs(distance - threshold) < 0.08 * threshold;
}
