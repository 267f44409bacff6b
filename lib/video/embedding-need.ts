/** The number of samples that are taken at any quality, so that a single poor frame does not decide. */
const minSamples = 3;

/** The factor by which a later sample's crop quality must exceed the best so far. */
const minImprovement = 1.15;

/** The minimum time between two embeddings of a track, in milliseconds, by the state of the track. */
const embeddingInterval = { new: 80, undecided: 250, unknown: 1000 };

/**
 * The time after which a settled track is verified, in milliseconds. With the duration of a frame it stays below the 500 ms for which
 * a wrong name may be shown.
 */
export const verificationInterval = 400;

/** The priority of a sample that confirms or refutes one that does not match. */
export const confirmationPriority = 4;

/** The need of a track for an embedding of the next frame. */
export interface EmbeddingNeed {
  /** Higher values first. */
  priority: number;
  /** The minimum quality of the crop, 0 to 1, for an embedding of all crops. */
  embedAbove: number;
  /** Embed one crop below that quality. */
  verify: boolean;
}

/** The state of a track that decides whether it needs an embedding. */
export interface TrackState {
  /** The time since an embedding was last requested, and since a sample was last added, in milliseconds. */
  sinceRequested: number;
  sinceAdded: number;
  /** The number of samples, and of the last samples that do not match the others. */
  samples: number;
  conflicts: number;
  /** Whether an embedding was requested since the only conflicting sample, to confirm or refute it. */
  confirmationTried: boolean;
  /** Whether the track may have passed to another person. */
  uncertain: boolean;
  /** The status of an identity that is to become a name; undefined for a known one, or without a gallery. */
  unnamed: 'undecided' | 'unknown' | undefined;
  bestCropQuality: number;
}

/** Decides whether the next frame of a track should be embedded. @returns undefined when no embedding is needed now. */
export function embeddingNeed(state: TrackState): EmbeddingNeed | undefined {
  const { sinceRequested, sinceAdded, samples, conflicts, uncertain, unnamed, bestCropQuality } = state;
  const isTooSoon = sinceRequested < embeddingInterval.new;
  const isDue = sinceRequested >= verificationInterval;
  const all = { embedAbove: 0, verify: false };
  // The first confirmation does not wait. Poor samples confirm nothing: further ones follow at the interval of new faces.
  if (conflicts === 1 && !(state.confirmationTried && isTooSoon)) return { priority: confirmationPriority, ...all };
  if (isTooSoon) return undefined;
  if (samples === 0) return { priority: 3, ...all };
  if (uncertain) return { priority: 2, ...all };
  // No track waits longer than the others for its verification.
  const priority = isDue ? 2 : 1;
  const needsVote = unnamed !== undefined && sinceAdded >= embeddingInterval[unnamed];
  if (samples < minSamples || needsVote) return { priority, ...all };
  return isDue ? { priority, embedAbove: bestCropQuality * minImprovement, verify: true } : undefined;
}
