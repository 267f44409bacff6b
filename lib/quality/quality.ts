import { logistic } from '../core/math.ts';
import type { Quality, QualityReference } from '../core/types.ts';
import { anchor } from '../landmarks/schemes.ts';
import { appearanceOf } from './appearance.ts';
import { assessComponents, type QualityInput } from './components.ts';
import { headPose } from './pose.ts';

/** The measures of quality that embedding a face yields. */
export type EmbeddingMeasures = Pick<Quality, 'magnitude' | 'stability'>;

/** The measures that `overall` is computed from. */
type Measures = Omit<Quality, 'overall'>;

/** Assesses how well a face is suited to recognition, before it is embedded. */
export function assessQuality(input: QualityInput): Quality {
  const { landmarks, crop } = input;
  const [right, left] = [anchor(landmarks, 'rightEye'), anchor(landmarks, 'leftEye')];
  const pose = headPose(landmarks);
  const appearance = appearanceOf(crop);
  const measures = {
    eyeDistance: Math.hypot(left.x - right.x, left.y - right.y),
    ...pose,
    ...appearance,
    ...(landmarks.presence !== undefined && { presence: landmarks.presence }),
    components: assessComponents(input, pose, appearance.sharpness),
  };
  return { ...measures, overall: overallOf(measures, undefined) };
}

/**
 * Adds the measures of the embedding to a quality, and recomputes `overall`.
 *
 * @param reference the distribution of the measure that `overall` uses. Without it `overall` ignores them.
 */
export function withEmbedding(
  { overall, ...measures }: Quality,
  embedded: EmbeddingMeasures,
  reference: QualityReference | undefined,
): Quality {
  const all = { ...measures, ...embedded };
  return { ...all, overall: overallOf(all, reference) };
}

/** The measures of the median face of LFW, for which `overall` is 0.5. (docs/accuracy.md) */
const median = { sharpness: 0.047, eyeDistance: 42 };

/**
 * The share of `overall` that a component takes away at a score of 0. Fitted so that `overall` predicts the false-accept rate of photos of
 * strangers that are altered alike: photos of LFW that are small, blurred, dark, noisy, compressed, or covered. (docs/quality.md)
 */
const loss = { sharpness: 0.8, eyesVisible: 0.5, mouthOcclusionPrevention: 0.4 };

/**
 * Combines the measures into one number, 0 to 1. A measure of the embedding network predicts best whether comparisons go wrong: the length of
 * its output (Meng et al., "MagFace", CVPR 2021) or the agreement of its embeddings (Terhörst et al., "SER-FIQ", CVPR 2020). It misses part of
 * the effect of blur, masks and sunglasses, which reduce the number further. Without such a measure, sharpness and size are used.
 */
function overallOf(measures: Measures, reference: QualityReference | undefined): number {
  const { presence = 1, sharpness, eyeDistance, components } = measures;
  const keep = (name: keyof typeof loss) => 1 - loss[name] * (1 - (components[name]?.score ?? 100) / 100);
  const visible = presence * keep('eyesVisible') * keep('mouthOcclusionPrevention');
  const score = reference && standardScore(measures, reference);
  if (score !== undefined) return visible * keep('sharpness') * logistic(score);
  const detail = logistic(2.5 * Math.log(sharpness / median.sharpness));
  const size = logistic(2.5 * Math.log(eyeDistance / median.eyeDistance));
  return visible * Math.sqrt(detail * size);
}

/** How many standard deviations the face is better than the median face; undefined if it lacks the measure. */
function standardScore(measures: Measures, reference: QualityReference): number | undefined {
  const value = measuredValue(measures, reference.measure);
  if (value === undefined) return undefined;
  const sign = reference.measure === 'spread' ? -1 : 1;
  return (sign * (value - reference.median)) / reference.deviation;
}

/** The value of a measure; undefined if the face lacks it. */
export function measuredValue(
  { magnitude, stability }: EmbeddingMeasures,
  measure: QualityReference['measure'],
): number | undefined {
  if (measure === 'magnitude') return magnitude;
  return stability === undefined ? undefined : Math.sqrt(Math.max(0, 1 - stability ** 2));
}
