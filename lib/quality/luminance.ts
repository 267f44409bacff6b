import type { Pixels } from '../core/types.ts';
import type { FaceRegion } from './face-region.ts';
import { type Measured, sigmoid, sigmoidScore } from './scores.ts';

/** The linear value, 0 to 1, of each value of an sRGB channel. */
export const linear = Float64Array.from({ length: 256 }, (_, value) => linearOf(value / 255));

/** The linear value of an sRGB channel, both 0 to 1. */
export function linearOf(value: number): number {
  return value > 0.04045 ? ((value + 0.055) / 1.055) ** 2.4 : value / 12.92;
}

/** The linear luminance of each pixel, 0 to 255. (OFIQ, image_utils.cpp, GetLuminanceImageFromBGR) */
export function luminanceOf({ data, width, height }: Pixels): Uint8Array {
  const luminance = new Uint8Array(width * height);
  for (let i = 0, from = 0; i < luminance.length; i++, from += 4) {
    const red = linear[data[from] as number] as number;
    const green = linear[data[from + 1] as number] as number;
    const blue = linear[data[from + 2] as number] as number;
    luminance[i] = Math.floor((0.2126 * red + 0.7152 * green + 0.0722 * blue) * 255 + 0.5);
  }
  return luminance;
}

/** The shares of the face's pixels that have each luminance. Undefined if the region is outside the crop. */
export function histogramOf(
  luminance: Uint8Array,
  width: number,
  { start, end }: FaceRegion,
): Float64Array | undefined {
  const counts = new Float64Array(256);
  let count = 0;
  for (let y = 0; y < start.length; y++) {
    const row = y * width;
    for (let x = start[y] as number; x < (end[y] as number); x++) {
      const level = luminance[row + x] as number;
      counts[level] = (counts[level] as number) + 1;
      count++;
    }
  }
  return count === 0 ? undefined : counts.map((n) => n / count);
}

/**
 * The components that follow from the histogram of the face's luminance, as in OFIQ's Luminance.cpp, UnderExposurePrevention.cpp,
 * OverExposurePrevention.cpp and DynamicRange.cpp (OFIQlib/modules/measures/src). OFIQ leaves out occluded pixels; this does not.
 */
export function exposureOf(histogram: Float64Array) {
  const mean = histogram.reduce((sum, share, level) => sum + share * (level / 255), 0);
  const variance = histogram.reduce((sum, share, level) => sum + share * (level / 255 - mean) ** 2, 0);
  const share = (from: number, to: number) => histogram.subarray(from, to + 1).reduce((sum, value) => sum + value, 0);
  const [dark, bright] = [share(0, 25), share(247, 255)];
  const entropy = histogram.reduce((sum, value) => (value > 0 ? sum - value * Math.log2(value) : sum), 0);
  const contrast = 60 * variance;
  return {
    luminanceMean: {
      value: mean,
      score: (sigmoidScore(mean, 0.2, 0.05) * sigmoidScore(mean, 0.8, -0.05)) / 100,
    },
    luminanceVariance: { value: variance, score: 100 * Math.sin((contrast / (contrast + 1)) * Math.PI) },
    underExposurePrevention: { value: dark, score: 1.2 * (83.2 - sigmoid(dark, 0.92, 0.05).score) },
    overExposurePrevention: { value: bright, score: 1 / (bright + 0.01) },
    dynamicRange: { value: entropy, score: 12.5 * entropy },
  } satisfies Record<string, Measured>;
}
