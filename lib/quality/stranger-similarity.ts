import type { Quality, QualityReference, StrangerModel } from '../core/types.ts';

/** Keeps the logarithm finite: less than one step of 8-bit luminance. */
const minContrast = 1e-3;

/** The measures of a face that the model uses beside the embedding. */
export type StrangerTerms = Omit<StrangerModel, 'direction' | 'offset'>;

/** The measures of a face that a {@link StrangerModel} has a weight for; undefined if the face has no magnitude. */
export function strangerTerms({ magnitude, contrast, components }: Quality): StrangerTerms | undefined {
  if (magnitude === undefined) return undefined;
  return {
    magnitude,
    contrast: Math.log(Math.max(contrast, minContrast)),
    eyesVisible: components?.eyesVisible?.value ?? 0,
    mouthOcclusionPrevention: components?.mouthOcclusionPrevention?.value ?? 0,
  };
}

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
  const terms = strangerTerms(quality);
  if (strangers?.direction.length !== embedding.length || !terms) return quality;
  const { direction, offset, ...weights } = strangers;
  const fromEmbedding = direction.reduce((sum, weight, i) => sum + weight * (embedding[i] as number), 0);
  const names = Object.keys(terms) as (keyof StrangerTerms)[];
  const fromTerms = names.reduce((sum, name) => sum + weights[name] * terms[name], 0);
  return { ...quality, strangerSimilarity: fromEmbedding + fromTerms + offset };
}
