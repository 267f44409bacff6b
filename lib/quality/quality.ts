import { anchor } from '../landmarks/schemes.ts';
import type { Landmarks, Pixels, Quality } from '../types.ts';
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

function overallOf({ stability = 0 }: Omit<Quality, 'overall'>): number {
  return stability;
}
