import type { Quality } from '../core/types.ts';
import { meanOf, unit } from '../embedding/vectors.ts';
import type { Sample } from '../pipeline/frame.ts';

/** The embedding of a tracked face, fused from several frames, for comparing and for a gallery. */
export interface TrackEmbedding {
  /** The mean of the frames' embeddings, weighted by their quality, scaled to length 1. */
  embedding: Float32Array;
  /** The name of the embedder. */
  model: string;
  /** The quality of the best frame. */
  quality: Quality;
  /** The number of frames. */
  frames: number;
}

/** The minimum weight of a frame, so that frames of quality 0 have a mean too. */
const minWeight = 0.01;

/** Fuses samples into one embedding. @returns undefined for an empty list. */
export function fuseSamples(samples: readonly Sample[]): TrackEmbedding | undefined {
  const [best] = [...samples].sort((a, b) => b.quality.overall - a.quality.overall);
  if (!best) return undefined;
  const mean = meanOf(
    samples.map(({ embedding }) => embedding),
    samples.map(({ quality }) => Math.max(quality.overall, minWeight)),
  );
  return { embedding: unit(mean), model: best.model, quality: best.quality, frames: samples.length };
}
