import type { QualityComponentName, QualityComponents } from '../core/quality-components.ts';
import type { Landmarks, Pixels, Pose } from '../core/types.ts';
import { type Affine, apply, invert } from '../image/affine.ts';
import { measuredComponent } from './advice-limits.ts';
import { compressionArtifacts } from './blocking.ts';
import { cheeksOf, illuminationUniformity, naturalColour } from './cheeks.ts';
import { faceFrame } from './face-frame.ts';
import { faceRegion } from './face-region.ts';
import { geometryOf, poseComponents } from './geometry.ts';
import { exposureOf, histogramOf, luminanceOf } from './luminance.ts';
import { occlusionOf } from './occlusion.ts';
import { type Measured, sigmoid } from './scores.ts';

/** A face and its aligned crop. */
export interface QualityInput {
  /** The face's landmarks, in pixels of the picture. */
  landmarks: Landmarks;
  /** The face's aligned crop. */
  crop: Pixels;
  /** From a position in the crop to a position in the picture. */
  toPicture: Affine;
  /** The size of the picture, in pixels. */
  picture: { width: number; height: number };
}

/**
 * Measures the components of a face's quality, from the pixels of the crop and from the landmarks. It takes about half a millisecond.
 *
 * @param pose the rotation of the head.
 * @param sharpness the sharpness of the crop: see `Appearance`.
 */
export function assessComponents(input: QualityInput, pose: Pose, sharpness: number): QualityComponents {
  const { landmarks, crop, toPicture, picture } = input;
  const luminance = luminanceOf(crop);
  const luma = lumaOf(crop);
  const inCrop = landmarksInCrop(landmarks, toPicture);
  const frame = faceFrame(inCrop);
  const cheeks = cheeksOf(frame, crop);
  const histogram = histogramOf(luminance, crop.width, faceRegion(inCrop, crop.width, crop.height));
  return withAdvice({
    ...geometryOf(landmarks, pose, picture),
    ...poseComponents(pose),
    ...(histogram && exposureOf(histogram)),
    illuminationUniformity: illuminationUniformity(luminance, cheeks),
    naturalColour: naturalColour(crop, cheeks),
    // In place of the random forest of OFIQ's Sharpness.cpp. In crops of 112 pixels, 95 % of LFW are above 0.05, and below 0.017 with a blur of 5 %.
    sharpness: sigmoid(sharpness, 0.028, 0.0098),
    compressionArtifacts: compressionArtifacts(luma, crop, toPicture),
    ...occlusionOf(luma, crop, frame),
  });
}

/** The landmarks in pixels of the crop. */
function landmarksInCrop(landmarks: Landmarks, toPicture: Affine): Landmarks {
  const toCrop = invert(toPicture);
  return { scheme: landmarks.scheme, points: landmarks.points.map((point) => apply(toCrop, point)) };
}

/** The luma of each pixel, 0 to 255. (ITU-R BT.601) */
function lumaOf({ data, width, height }: Pixels): Float32Array {
  const luma = new Float32Array(width * height);
  for (let i = 0, from = 0; i < luma.length; i++, from += 4) {
    luma[i] = 0.299 * (data[from] as number) + 0.587 * (data[from + 1] as number) + 0.114 * (data[from + 2] as number);
  }
  return luma;
}

/** Adds the advice and rounds the scores. Measurements that are not finite are left out. */
function withAdvice(measurements: Partial<Record<QualityComponentName, Measured>>): QualityComponents {
  const components: QualityComponents = {};
  for (const [name, measured] of Object.entries(measurements) as [QualityComponentName, Measured][]) {
    if (!Number.isFinite(measured.value) || !Number.isFinite(measured.score)) continue;
    components[name] = measuredComponent(name, measured);
  }
  return components;
}
