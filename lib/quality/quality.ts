import { logistic } from '../core/math.ts';
import type { Landmarks, Pixels, Quality } from '../core/types.ts';
import { anchor } from '../landmarks/schemes.ts';
import { appearanceOf } from './appearance.ts';
import { headPose } from './pose.ts';

/** How well the embeddings of a face's crops agree. */
export interface Agreement {
  /** The length of their mean, 0 to 1. */
  stability: number;
  /** The median of √(1 − stability²) over many faces, from the calibration. Without it `overall` ignores the stability. */
  medianSpread: number | undefined;
}

/**
 * Assesses how well a face is suited to recognition.
 *
 * @param landmarks the face's landmarks, in source pixels.
 * @param crop the face's aligned crop.
 * @param agreement how well the embeddings of the face's crops agree. `undefined` if there is one crop.
 */
export function assessQuality(landmarks: Landmarks, crop: Pixels, agreement: Agreement | undefined): Quality {
  const [right, left] = [anchor(landmarks, 'rightEye'), anchor(landmarks, 'leftEye')];
  const measures = {
    eyeDistance: Math.hypot(left.x - right.x, left.y - right.y),
    ...headPose(landmarks),
    ...appearanceOf(crop),
    ...(landmarks.presence !== undefined && { presence: landmarks.presence }),
    ...(agreement && { stability: agreement.stability }),
  };
  return { ...measures, overall: overallOf(measures, agreement?.medianSpread) };
}

/** Adds the agreement to a quality that was assessed without it, and recomputes `overall`. */
export function withAgreement({ overall, ...measures }: Quality, agreement: Agreement | undefined): Quality {
  if (!agreement) return { ...measures, overall };
  const all = { ...measures, stability: agreement.stability };
  return { ...all, overall: overallOf(all, agreement.medianSpread) };
}

/** The measures of the median face of LFW, for which `overall` is 0.5. (docs/accuracy.md) */
const median = { sharpness: 0.047, eyeDistance: 42 };

/**
 * Combines the measures into one number, 0 to 1. Stability predicts best whether comparisons go wrong (Terhörst et al.,
 * "SER-FIQ", CVPR 2020). If a preset embeds one crop there is none, and sharpness and size are used instead.
 */
function overallOf(
  { presence = 1, stability, sharpness, eyeDistance }: Omit<Quality, 'overall'>,
  medianSpread: number | undefined,
): number {
  if (stability !== undefined && medianSpread !== undefined) {
    return presence * logistic((medianSpread - spreadOf(stability)) / 0.012);
  }
  const detail = logistic(2.5 * Math.log(sharpness / median.sharpness));
  const size = logistic(2.5 * Math.log(eyeDistance / median.eyeDistance));
  return presence * Math.sqrt(detail * size);
}

/** The spread of unit vectors whose mean has this length: √(1 − length²). */
export function spreadOf(stability: number): number {
  return Math.sqrt(Math.max(0, 1 - stability ** 2));
}
