import type { Pixels } from '../core/types.ts';
import { type FaceFrame, patchOf } from './face-frame.ts';
import { linearOf } from './luminance.ts';
import { type Measured, sigmoidScore } from './scores.ts';

/** The side of a cheek's zone, in distances between the eyes. */
const zoneSize = 0.3;

/** The number of bins of a cheek's histogram. OFIQ has 256, for zones of ten times as many pixels. */
const binCount = 32;

/** The pixels of the cheeks: a square below the outer half of each eye. (OFIQ, image_utils.cpp, CalculateRegionOfInterest) */
export function cheeksOf(frame: FaceFrame, crop: Pixels): { right: number[]; left: number[] } {
  return {
    right: patchOf(frame, crop, [-0.5 - zoneSize, 0.5], [-0.5, 0.5 + zoneSize]),
    left: patchOf(frame, crop, [0.5, 0.5], [0.5 + zoneSize, 0.5 + zoneSize]),
  };
}

/**
 * The overlap of the luminance histograms of both cheeks, 0 to 1, as in OFIQ's IlluminationUniformity.cpp but with fewer bins. NaN if a cheek is
 * outside the crop.
 *
 * @param luminance the linear luminance of the crop's pixels, 0 to 255.
 */
export function illuminationUniformity(luminance: Uint8Array, cheeks: ReturnType<typeof cheeksOf>): Measured {
  const right = distributionOf(luminance, cheeks.right);
  const left = distributionOf(luminance, cheeks.left);
  const isComplete = cheeks.right.length > 0 && cheeks.left.length > 0;
  const shared = right.shares.reduce((sum, share, bin) => sum + Math.min(share, left.shares[bin] as number), 0);
  const overlap = isComplete ? shared : Number.NaN;
  return {
    value: overlap,
    score: 100 * overlap ** 0.3,
    darkerSide: left.mean < right.mean ? 'left' : 'right',
  };
}

function distributionOf(luminance: Uint8Array, pixels: readonly number[]) {
  const shares = new Float64Array(binCount);
  let mean = 0;
  for (const pixel of pixels) {
    const level = luminance[pixel] as number;
    const bin = Math.floor((level * binCount) / 256);
    shares[bin] = (shares[bin] as number) + 1 / pixels.length;
    mean += level / pixels.length;
  }
  return { shares, mean };
}

/**
 * How far the mean colour of the cheeks is from the colours of skin, in units of CIELAB: 0 for an a* of 5 to 25 and a b* of 5 to 35, 100 for
 * a negative one. (OFIQ, NaturalColour.cpp)
 */
export function naturalColour({ data }: Pixels, { right, left }: ReturnType<typeof cheeksOf>): Measured {
  const pixels = [...right, ...left];
  const channel = (offset: number) =>
    linearOf(pixels.reduce((sum, pixel) => sum + (data[4 * pixel + offset] as number), 0) / pixels.length / 255);
  const [a, b] = colourOf(channel(0), channel(1), channel(2));
  const outside = (value: number, from: number, to: number) => Math.max(0, from - value, value - to);
  const value = a < 0 || b < 0 ? 100 : Math.hypot(outside(a, 5, 25), outside(b, 5, 35));
  return { value, score: 2 * sigmoidScore(value, 0, -10) };
}

/** The a* and b* of a linear sRGB colour, for the white point D50. (OFIQ, image_utils.cpp, ConvertBGRToCIELAB) */
function colourOf(red: number, green: number, blue: number): [a: number, b: number] {
  const x = cubeRoot((0.43605 * red + 0.38508 * green + 0.14309 * blue) / 0.964221);
  const y = cubeRoot(0.22249 * red + 0.71689 * green + 0.06062 * blue);
  const z = cubeRoot((0.01393 * red + 0.0971 * green + 0.71419 * blue) / 0.825211);
  return [500 * (x - y), 200 * (y - z)];
}

/** CIELAB's cube root, which is linear near zero. */
function cubeRoot(value: number): number {
  return value <= 216 / 24389 ? ((24389 / 27) * value + 16) / 116 : Math.cbrt(value);
}
