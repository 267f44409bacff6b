import type { Quality, QualityReference } from '../core/types.ts';

/** Keeps the logarithm finite: less than one step of 8-bit luminance. */
const minContrast = 1e-3;

/**
 * Adds {@link Quality.strangerSimilarity} to the quality of an embedded face.
 *
 * @param reference that of the calibration. The quality is returned unchanged if it has no model of strangers, or one for embeddings of
 *   another length.
 */
export function withStrangerSimilarity(
  quality: Quality,
  embedding: Float32Array,
  reference: QualityReference | undefined,
): Quality {
  const { strangers } = reference ?? {};
  if (strangers?.direction.length !== embedding.length || quality.magnitude === undefined) return quality;
  const { direction, magnitude, contrast, offset } = strangers;
  const fromEmbedding = direction.reduce((sum, weight, i) => sum + weight * (embedding[i] as number), 0);
  const fromQuality = magnitude * quality.magnitude + contrast * Math.log(Math.max(quality.contrast, minContrast));
  return { ...quality, strangerSimilarity: fromEmbedding + fromQuality + offset };
}
