import type { HaarFeature } from './cascade.ts';

type Corners = readonly [number, number, number, number];

/** Features prepared for an integral image of one width. */
export interface FeatureLayout {
  /**
   * 12 offsets per feature: for each of three rectangles its four corners in the integral image, relative to the
   * window's.
   */
  offsets: Int32Array;
  /** 3 weights per feature. The third is 0 if a feature has two rectangles. */
  weights: Float32Array;
  /** For each feature 1 if its rectangles are tilted, else 0. */
  isTilted: Uint8Array;
}

/** Prepares features for an integral image. @param stride the integral image's width. */
export function layOutFeatures(features: readonly HaarFeature[], stride: number): FeatureLayout {
  const offsets = new Int32Array(features.length * 12);
  const weights = new Float32Array(features.length * 3);
  const isTilted = Uint8Array.from(features, ({ tilted }) => (tilted ? 1 : 0));
  features.forEach(({ tilted, rectangles }, i) => {
    rectangles.forEach(({ x, y, width, height, weight }, j) => {
      const corners = tilted ? tiltedCornersOf(x, y, width, height, stride) : cornersOf(x, y, width, height, stride);
      offsets.set(corners, i * 12 + j * 4);
      weights[i * 3 + j] = weight;
    });
  });
  return { offsets, weights, isTilted };
}

/**
 * The offsets of a rectangle's corners in an integral image. Its sum is the first − the second − the third + the
 * fourth.
 */
export function cornersOf(x: number, y: number, width: number, height: number, stride: number): Corners {
  const [top, bottom] = [y * stride + x, (y + height) * stride + x];
  return [top, top + width, bottom, bottom + width];
}

/**
 * The same for a tilted rectangle: from its top corner (x, y) the width runs down to the right, the height down to the
 * left.
 */
function tiltedCornersOf(x: number, y: number, width: number, height: number, stride: number): Corners {
  const offset = (u: number, v: number) => v * stride + u;
  return [
    offset(x, y),
    offset(x - height, y + height),
    offset(x + width, y + width),
    offset(x + width - height, y + width + height),
  ];
}
