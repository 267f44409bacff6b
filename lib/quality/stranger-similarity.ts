import { strangerModelDigest } from '../core/stranger-model.ts';
import type { Quality, QualityReference, StrangerModel } from '../core/types.ts';

/** The range to which a measure is clamped. */
interface Range {
  min: number;
  max: number;
}

/** Keeps the logarithm finite: less than one step of 8-bit luminance. */
const minContrast = 1e-3;

/**
 * The range to which the sharpness is clamped. It distinguishes blurred photos from others, but noise is sharp, too. The maximum is about
 * two thirds of the median.
 */
const sharpnessRange: Range = { min: 1e-3, max: 0.03 };

/** The ranges of fine, medium and coarse detail (`Appearance.detail`). */
const detailRanges: readonly [Range, Range, Range] = [
  { min: 1e-3, max: 0.03 },
  { min: 1e-3, max: 0.1 },
  { min: 1e-2, max: 0.3 },
];

/** The range of the component `compressionArtifacts`: from more than uncompressed photos have to more than those of JPEG quality 3. */
const compressionRange: Range = { min: 1.1, max: 4 };

/** The measures of a face that the model uses beside the embedding. */
export type StrangerTerms = Required<Omit<StrangerModel, 'direction' | 'offset'>>;

/** The measures of a face that a {@link StrangerModel} has a weight for; undefined if the face has no magnitude. */
export function strangerTerms({
  magnitude,
  contrast,
  sharpness,
  detail,
  components,
}: Quality): StrangerTerms | undefined {
  if (magnitude === undefined) return undefined;
  return {
    magnitude,
    contrast: Math.log(Math.max(contrast, minContrast)),
    sharpness: logWithin(sharpness, sharpnessRange),
    fineDetail: logWithin(detail?.[0], detailRanges[0]),
    mediumDetail: logWithin(detail?.[1], detailRanges[1]),
    coarseDetail: logWithin(detail?.[2], detailRanges[2]),
    compressionArtifacts: Math.log(clamped(components?.compressionArtifacts?.value ?? 0, compressionRange)),
    eyesVisible: components?.eyesVisible?.value ?? 0,
    mouthOcclusionPrevention: components?.mouthOcclusionPrevention?.value ?? 0,
  };
}

/** The natural logarithm of a value that is clamped to a range; that of the maximum if the value is unknown. */
function logWithin(value: number | undefined, range: Range): number {
  return Math.log(clamped(value ?? range.max, range));
}

function clamped(value: number, { min, max }: Range): number {
  return Math.min(Math.max(value, min), max);
}

/**
 * Adds {@link Quality.strangerSimilarity}, and which model it is of, to the quality of an embedded face.
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
  const fromTerms = names.reduce((sum, name) => sum + (weights[name] ?? 0) * terms[name], 0);
  const strangerSimilarity = fromEmbedding + fromTerms + offset;
  return { ...quality, strangerSimilarity, strangerModel: strangerModelDigest(strangers) };
}
