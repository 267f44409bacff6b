import type { Box, Pixels } from '../core/types.ts';
import { type Affine, apply, scaleOf } from './affine.ts';
import { javaScriptResampler } from './javascript-resampler.ts';
import type { CropPlan, PixelSource } from './pixel-source.ts';

/** The maximum side of an averaged block: the kernels add up a block's columns in words that hold no larger sum. */
const maxBlock = 256;

/**
 * Cuts a crop out of a picture. The detector's input, the landmarker's crop and the aligned face are all cut by this
 * function, from the original pixels.
 *
 * To shrink, it averages blocks of whole source pixels, of up to 256 × 256, then takes 2 × 2 bilinear samples for the
 * rest of the scale. Down to a scale of 1/512 every source pixel counts, so that nothing aliases. Outside the picture
 * the crop is black.
 *
 * @param toSource from a position in the crop to a position in the picture. Positions are continuous: the centre of the
 *   first pixel is (0.5, 0.5).
 * @param width the crop's width in pixels.
 * @param height the crop's height in pixels.
 */
export function warp(source: PixelSource, toSource: Affine, width: number, height: number): Pixels {
  const scale = scaleOf(toSource);
  // A block larger than the picture would average the same pixels.
  const block = Math.max(1, Math.min(Math.floor(scale), maxBlock, Math.max(source.width, source.height)));
  const region = footprint(source, toSource, { width, height }, block);
  if (region.width <= 0 || region.height <= 0) return black(width, height);
  const plan: CropPlan = { region, block, toSource, width, height, grid: scale > block ? 2 : 1 };
  return (source.resampler ?? javaScriptResampler).resample(source, plan);
}

/**
 * The source pixels that a crop covers, with a margin for interpolation, clipped to the picture. Width or height is 0 or less if the
 * crop lies outside.
 */
export function footprint(
  source: PixelSource,
  toSource: Affine,
  { width, height }: { width: number; height: number },
  margin: number,
): Box {
  const corners = [
    { x: 0, y: 0 },
    { x: width, y: 0 },
    { x: 0, y: height },
    { x: width, y: height },
  ].map((corner) => apply(toSource, corner));
  const xs = corners.map(({ x }) => x);
  const ys = corners.map(({ y }) => y);
  const left = Math.max(0, Math.floor(Math.min(...xs)) - margin);
  const top = Math.max(0, Math.floor(Math.min(...ys)) - margin);
  const right = Math.min(source.width, Math.ceil(Math.max(...xs)) + margin);
  const bottom = Math.min(source.height, Math.ceil(Math.max(...ys)) + margin);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function black(width: number, height: number): Pixels {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let alpha = 3; alpha < data.length; alpha += 4) data[alpha] = 255;
  return { width, height, data };
}
