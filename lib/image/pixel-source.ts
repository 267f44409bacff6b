import type { Box, Pixels, Point } from '../core/types.ts';
import type { Affine } from './affine.ts';

/** A picture whose pixels can be read region by region. */
export interface PixelSource {
  width: number;
  height: number;
  /**
   * Reads the pixels of a region.
   *
   * @param region whole pixels, inside the picture.
   * @returns the region, or a larger one that contains it. The caller must not write to it.
   */
  read(region: Box): Raster;
  /** The resampler that crops of this picture use. Default: plain JavaScript. */
  resampler?: Resampler | undefined;
}

/** A rectangle of a picture's pixels, and the position of its top left corner in the picture. */
export interface Raster extends Pixels, Point {}

/** A crop, and how to resample it. */
export interface CropPlan {
  /** The source pixels that the crop covers. */
  region: Box;
  /** The side of the squares of source pixels that are averaged before interpolation. 1 averages nothing. */
  block: number;
  /** From a position in the crop to a position in the picture. */
  toSource: Affine;
  /** The crop's size in pixels. */
  width: number;
  height: number;
  /** Samples per crop pixel along each side: a pixel is the mean of grid × grid samples. */
  grid: 1 | 2;
}

/** Resamples crops of pictures. Every implementation gives the same pixels. */
export interface Resampler {
  /** Reads the pixels that the plan needs and returns the crop. */
  resample(source: PixelSource, plan: CropPlan): Pixels;
}

/** Pictures with more pixels are read region by region: a copy of all their pixels would need too much memory. */
export const maxWholePixels = 1 << 21;

/**
 * A still picture that the stages read from.
 *
 * Ownership: a picture closes only the bitmap that it created itself. A bitmap that the caller passed in stays open and
 * remains the caller's.
 */
export interface Picture extends PixelSource {
  /** Frees what was decoded for this picture. It must not be read afterwards. */
  close(): void;
}
