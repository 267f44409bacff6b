import { logistic } from '../core/math.ts';
import type { Landmarks, Pixels, Quality } from '../core/types.ts';
import { anchor } from '../landmarks/schemes.ts';
import { appearanceOf } from './appearance.ts';
import { headPose } from './pose.ts';

/**
 * Assesses how well a face is suited to recognition.
 *
 * @param landmarks the face's landmarks, in source pixels.
 * @param crop the face's aligned crop.
 * @param stability the agreement of the embeddings of the face's crops, 0 to 1. `undefined` if there is one crop.
 */
export function assessQuality(landmarks: Landmarks, crop: Pixels, stability: number | undefined): Quality {
  const [right, left] = [anchor(landmarks, 'rightEye'), anchor(landmarks, 'leftEye')];
  const measures = {
    eyeDistance: Math.hypot(left.x - right.x, left.y - right.y),
    ...headPose(landmarks),
    ...appearanceOf(crop),
    ...(landmarks.presence !== undefined && { presence: landmarks.presence }),
    ...(stability !== undefined && { stability }),
  };
  return { ...measures, overall: overallOf(measures) };
}

/** Adds the stability to a quality that was assessed without it, and recomputes `overall`. */
export function withStability({ overall, ...measures }: Quality, stability: number | undefined): Quality {
  if (stability === undefined) return { ...measures, overall };
  const all = { ...measures, stability };
  return { ...all, overall: overallOf(all) };
}

/** The measures of the median face of LFW, for which `overall` is 0.5. (docs/accuracy.md) */
const median = { spread: 0.065, sharpness: 0.047, eyeDistance: 42 };

/**
 * Combines the measures into one number, 0 to 1. Stability predicts best whether comparisons go wrong (Terhörst et al.,
 * "SER-FIQ", CVPR 2020). If a preset embeds one crop there is none, and sharpness and size are used instead.
 */
function overallOf({ presence = 1, stability, sharpness, eyeDistance }: Omit<Quality, 'overall'>): number {
  if (stability !== undefined) {
    const spread = Math.sqrt(Math.max(0, 1 - stability ** 2));
    return presence * logistic((median.spread - spread) / 0.012);
  }
  const detail = logistic(2.5 * Math.log(sharpness / median.sharpness));
  const size = logistic(2.5 * Math.log(eyeDistance / median.eyeDistance));
  return presence * Math.sqrt(detail * size);
}
