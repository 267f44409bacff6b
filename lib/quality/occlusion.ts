import { logistic } from '../core/math.ts';
import type { Pixels } from '../core/types.ts';
import { type FaceFrame, type FacePosition, patchOf } from './face-frame.ts';
import type { Measured } from './scores.ts';

/** The colours of a rectangle of the face. */
interface Patch {
  /** The mean of each channel, 0 to 255. */
  red: number;
  green: number;
  blue: number;
  /** The mean and the standard deviation of the luma, 0 to 255. */
  mean: number;
  deviation: number;
}

/** The rectangles that are compared. Left and right are the subject's own; paired ones are mirror images. */
const rectangles = {
  forehead: { from: [-0.35, -0.55], to: [0.35, -0.3] },
  underEyes: { from: [-0.7, 0.22], to: [0.7, 0.4] },
  rightEye: { from: [-0.75, -0.15], to: [-0.25, 0.15] },
  leftEye: { from: [0.25, -0.15], to: [0.75, 0.15] },
  rightCheek: { from: [-0.6, 0.6], to: [-0.2, 0.85] },
  leftCheek: { from: [0.2, 0.6], to: [0.6, 0.85] },
  mouth: { from: [-0.35, 0.85], to: [0.35, 1.15] },
  chin: { from: [-0.25, 1.25], to: [0.25, 1.5] },
} satisfies Record<string, { from: FacePosition; to: FacePosition }>;

/** The patch of each rectangle. */
type Patches = Record<keyof typeof rectangles, Patch>;

/** Added to a channel or luma before a ratio is taken, so that dark pixels do not dominate. */
const offset = 8;

/**
 * The probability that something covers the eyes (`eyesVisible`) or the lower half of the face (`mouthOcclusionPrevention`), 0 to 1, by the
 * colours of the crop. OFIQ's EyesVisible.cpp and MouthOcclusionPrevention.cpp measure the covered share of the area instead, with a
 * segmentation network.
 *
 * The coefficients were fitted to drawn masks and sunglasses on photos of LFW. (docs/quality.md)
 *
 * @param luma the luma of the crop's pixels, 0 to 255.
 */
export function occlusionOf(luma: Float32Array, crop: Pixels, frame: FaceFrame) {
  const patches = Object.fromEntries(
    Object.entries(rectangles).map(([name, { from, to }]) => [
      name,
      patch(luma, crop, patchOf(frame, crop, from as FacePosition, to as FacePosition)),
    ]),
  ) as Patches;
  return { eyesVisible: measured(eyesCovered(patches)), mouthOcclusionPrevention: measured(mouthCovered(patches)) };
}

function measured(logit: number): Measured {
  const value = logistic(logit);
  return { value, score: 100 * (1 - value) };
}

/** Sunglasses are darker, less red and more uniform than eyes, relative to the rest of the face. A logit. */
function eyesCovered({ rightEye, leftEye, mouth, underEyes, forehead }: Patches): number {
  const texture = Math.log(
    meanOf(textureOf(rightEye), textureOf(leftEye)) / meanOf(textureOf(mouth), textureOf(underEyes)),
  );
  const light = Math.log(
    (Math.max(rightEye.mean, leftEye.mean) + offset) / (meanOf(underEyes.mean, forehead.mean) + offset),
  );
  const red = meanOf(rednessOf(rightEye), rednessOf(leftEye)) - rednessOf(underEyes);
  return -4.25 * texture - 7.47 * light - 11.33 * red - 6.15;
}

/**
 * The cheeks have another colour than the skin below the eyes, but the same as the chin, and the mouth is uniform: a mask. A logit.
 */
function mouthCovered({ rightEye, leftEye, mouth, underEyes, rightCheek, leftCheek, chin }: Patches): number {
  const cheeks = meanOf(colourDistance(rightCheek, underEyes), colourDistance(leftCheek, underEyes));
  const texture = Math.log(textureOf(mouth) / meanOf(textureOf(rightEye), textureOf(leftEye)));
  const chinDifference = meanOf(colourDistance(chin, rightCheek), colourDistance(chin, leftCheek));
  return 18.26 * cheeks - 3.95 * texture - 15.78 * chinDifference - 7.58;
}

/** The mean colour of pixels and the spread of their luma. */
function patch(luma: Float32Array, { data }: Pixels, pixels: readonly number[]): Patch {
  const sums = { red: 0, green: 0, blue: 0, luma: 0, squares: 0 };
  for (const pixel of pixels) {
    const value = luma[pixel] as number;
    sums.red += data[4 * pixel] as number;
    sums.green += data[4 * pixel + 1] as number;
    sums.blue += data[4 * pixel + 2] as number;
    sums.luma += value;
    sums.squares += value * value;
  }
  const n = pixels.length;
  const mean = sums.luma / n;
  const deviation = Math.sqrt(Math.max(0, sums.squares / n - mean ** 2));
  return { red: sums.red / n, green: sums.green / n, blue: sums.blue / n, mean, deviation };
}

function meanOf(a: number, b: number): number {
  return (a + b) / 2;
}

/** The spread of the luma relative to its mean: independent of the light. */
function textureOf({ mean, deviation }: Patch): number {
  return (deviation + 1) / (mean + offset);
}

function rednessOf({ red, green }: Patch): number {
  return Math.log((red + offset) / (green + offset));
}

function bluenessOf({ blue, green }: Patch): number {
  return Math.log((blue + offset) / (green + offset));
}

/** The distance of two colours regardless of their brightness. */
function colourDistance(a: Patch, b: Patch): number {
  return Math.hypot(rednessOf(a) - rednessOf(b), bluenessOf(a) - bluenessOf(b));
}
