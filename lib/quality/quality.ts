import { logistic } from '../core/math.ts';
import type { Landmarks, Pixels, Quality } from '../core/types.ts';
import { anchor } from '../landmarks/schemes.ts';
import { appearanceOf } from './appearance.ts';
import { headPose } from './pose.ts';

/**
 * Assesses a face.
 *
 * @param landmarks in source pixels.
 * @param crop the face's aligned crop.
 * @param stability as the embedder tells it.
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

/** The median face of LFW, which scores one half, and how fast the score rises from there. (docs/accuracy.md) */
const median = { spread: 0.065, sharpness: 0.047, eyeDistance: 42 };

/**
 * How alike the embeddings of a face's crops are tells best whether its comparisons go wrong (Terhörst et al., "SER-FIQ",
 * CVPR 2020); where a preset makes but one crop, detail and size must do. No face, no quality.
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
