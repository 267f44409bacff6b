import type { Box, Pixels, Point } from '../core/types.ts';
import { type Affine, apply, scaleOf } from './affine.ts';

/** Something with pixels that can be read piece by piece. */
export interface PixelSource {
  width: number;
  height: number;
  /**
   * Reads a rectangle of whole pixels that lies within the picture, or a larger one where that is at hand; they are not to
   * be written to.
   */
  read(region: Box): Raster;
  /** What resamples it; where there is none, plain JavaScript does. */
  resampler?: Resampler | undefined;
}

/** A rectangle of a picture's pixels, and where in the picture it begins. */
export interface Raster extends Pixels, Point {}

/** What is to be cut out of a picture, and how. */
export interface Cut {
  /** The source pixels that the crop touches. */
  region: Box;
  /** The side of the squares of source pixels that are averaged first. */
  block: number;
  /** From a position in the crop to one in the picture. */
  toSource: Affine;
  width: number;
  height: number;
  /** How many samples a pixel of the crop is the mean of, across and down. */
  grid: 1 | 2;
}

/** Resamples pictures. */
export interface Resampler {
  resample(source: PixelSource, cut: Cut): Pixels;
}

/** The most pixels that are read at once, so that a 48-megapixel photo costs no more memory than a small one. */
const pixelsPerStrip = 1 << 21;

/** The sums of a larger square's columns would not fit into the words that the kernels add them up in. */
const largestBlock = 256;

/**
 * Cuts a crop out of a picture: the one resampling of the whole library, used for the detector's input, the landmarker's
 * crop and the aligned face alike, and always from the picture's original pixels.
 *
 * Shrinking averages: blocks of whole source pixels first, of up to 256×256, then 2×2 bilinear samples for what is left of the
 * scale, so that up to 512 every source pixel counts and nothing aliases. Outside the picture the crop is black.
 *
 * @param source the picture.
 * @param toSource takes a position in the crop to the position in the source. Positions are continuous: the centre of
 *   the first pixel is (0.5, 0.5).
 * @param width the crop's width in pixels.
 * @param height the crop's height in pixels.
 */
export function warp(source: PixelSource, toSource: Affine, width: number, height: number): Pixels {
  const scale = scaleOf(toSource);
  // One square is never more than the whole picture.
  const block = Math.max(1, Math.min(Math.floor(scale), largestBlock, Math.max(source.width, source.height)));
  const region = footprint(source, toSource, width, height, block);
  if (region.width <= 0 || region.height <= 0) return black(width, height);
  const cut: Cut = { region, block, toSource, width, height, grid: scale > block ? 2 : 1 };
  return (source.resampler ?? inJavaScript).resample(source, cut);
}

const inJavaScript: Resampler = {
  resample(source, { region, block, toSource, width, height, grid }) {
    const shrunk = readShrunk(source, region, block);
    return sample(shrunk, toShrunk(toSource, shrunk, block), width, height, grid);
  },
};

/** The rectangle of source pixels that a crop touches, with a block's margin for interpolation, within the picture. */
function footprint(source: PixelSource, toSource: Affine, width: number, height: number, block: number): Box {
  const corners = [
    { x: 0, y: 0 },
    { x: width, y: 0 },
    { x: 0, y: height },
    { x: width, y: height },
  ].map((corner) => apply(toSource, corner));
  const xs = corners.map(({ x }) => x);
  const ys = corners.map(({ y }) => y);
  const left = Math.max(0, Math.floor(Math.min(...xs)) - block);
  const top = Math.max(0, Math.floor(Math.min(...ys)) - block);
  const right = Math.min(source.width, Math.ceil(Math.max(...xs)) + block);
  const bottom = Math.min(source.height, Math.ceil(Math.max(...ys)) + block);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function black(width: number, height: number): Pixels {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let alpha = 3; alpha < data.length; alpha += 4) data[alpha] = 255;
  return { width, height, data };
}

/** A region whose every block×block square of pixels has become their mean; it begins where the region does. */
function readShrunk(source: PixelSource, region: Box, block: number): Raster {
  if (block === 1) return source.read(region);
  const width = Math.ceil(region.width / block);
  const height = Math.ceil(region.height / block);
  const data = new Uint8ClampedArray(width * height * 4);
  let rows = 0;
  for (const strip of stripsOf(region, block)) {
    shrink(source.read(strip), strip, block, data.subarray(rows * width * 4));
    rows += Math.ceil(strip.height / block);
  }
  return { x: region.x, y: region.y, width, height, data };
}

/** The strips of a region that are read one after the other: each of as many rows of blocks as are read at once. */
export function* stripsOf(region: Box, block: number): Generator<Box> {
  const rows = Math.max(1, Math.floor(pixelsPerStrip / (region.width * block))) * block;
  for (let y = 0; y < region.height; y += rows) {
    yield { x: region.x, y: region.y + y, width: region.width, height: Math.min(rows, region.height - y) };
  }
}

/** Writes the mean of every block×block square of a region; the squares at its right and bottom edge may be smaller. */
function shrink(raster: Raster, region: Box, block: number, into: Uint8ClampedArray): void {
  const start = (region.y - raster.y) * raster.width + region.x - raster.x;
  let to = 0;
  for (let top = 0; top < region.height; top += block) {
    const bottom = Math.min(top + block, region.height);
    for (let left = 0; left < region.width; left += block, to += 4) {
      const right = Math.min(left + block, region.width);
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let y = top; y < bottom; y++) {
        const row = start + y * raster.width;
        const end = (row + right) * 4;
        for (let from = (row + left) * 4; from < end; from += 4) {
          red += raster.data[from] as number;
          green += raster.data[from + 1] as number;
          blue += raster.data[from + 2] as number;
        }
      }
      const share = 1 / ((right - left) * (bottom - top));
      into[to] = red * share;
      into[to + 1] = green * share;
      into[to + 2] = blue * share;
      into[to + 3] = 255;
    }
  }
}

/** A crop's transform to a position in the picture, as one to a position in a part of it that was shrunk by `block`. */
export function toShrunk({ a, b, c, d, e, f }: Affine, { x, y }: Point, block: number): Affine {
  return {
    a: a / block,
    b: b / block,
    c: c / block,
    d: d / block,
    e: (e - x) / block,
    f: (f - y) / block,
  };
}

/** Bilinear samples of every pixel of the crop: the mean of a grid of `grid`×`grid` of them. */
function sample(source: Pixels, toSource: Affine, width: number, height: number, grid: number): Pixels {
  const { a, b, c, d, e, f } = toSource;
  const { data: from, width: stride } = source;
  const data = new Uint8ClampedArray(width * height * 4);
  const step = 1 / grid;
  const share = step * step;
  const right = source.width - 0.5;
  const bottom = source.height - 0.5;
  // The last position that still has a neighbour to its right and below; a source one pixel wide has none.
  const lastX = Math.max(0, source.width - 1.0001);
  const lastY = Math.max(0, source.height - 1.0001);
  const next = source.width > 1 ? 4 : 0;
  const below = source.height > 1 ? stride * 4 : 0;
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 4) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let i = 0; i < grid; i++) {
        for (let j = 0; j < grid; j++) {
          const u = x + (j + 0.5) * step;
          const v = y + (i + 0.5) * step;
          const sourceX = a * u + c * v + e - 0.5;
          const sourceY = b * u + d * v + f - 0.5;
          if (sourceX < -0.5 || sourceY < -0.5 || sourceX >= right || sourceY >= bottom) continue;
          const px = Math.min(Math.max(sourceX, 0), lastX);
          const py = Math.min(Math.max(sourceY, 0), lastY);
          const x0 = px | 0;
          const y0 = py | 0;
          const fx = px - x0;
          const fy = py - y0;
          const topLeft = (y0 * stride + x0) * 4;
          const bottomLeft = topLeft + below;
          const w00 = (1 - fx) * (1 - fy);
          const w10 = fx * (1 - fy);
          const w01 = (1 - fx) * fy;
          const w11 = fx * fy;
          red +=
            w00 * (from[topLeft] as number) +
            w10 * (from[topLeft + next] as number) +
            w01 * (from[bottomLeft] as number) +
            w11 * (from[bottomLeft + next] as number);
          green +=
            w00 * (from[topLeft + 1] as number) +
            w10 * (from[topLeft + next + 1] as number) +
            w01 * (from[bottomLeft + 1] as number) +
            w11 * (from[bottomLeft + next + 1] as number);
          blue +=
            w00 * (from[topLeft + 2] as number) +
            w10 * (from[topLeft + next + 2] as number) +
            w01 * (from[bottomLeft + 2] as number) +
            w11 * (from[bottomLeft + next + 2] as number);
        }
      }
      data[to] = red * share;
      data[to + 1] = green * share;
      data[to + 2] = blue * share;
      data[to + 3] = 255;
    }
  }
  return { width, height, data };
}

/** A picture as a mirror shows it: left and right swapped. */
export function mirrored({ width, height, data }: Pixels): Pixels {
  const source = new Uint32Array(data.buffer, data.byteOffset, width * height);
  const swapped = new Uint32Array(source.length);
  for (let row = 0; row < source.length; row += width) {
    for (let x = 0; x < width; x++) swapped[row + x] = source[row + width - 1 - x] as number;
  }
  return { width, height, data: new Uint8ClampedArray(swapped.buffer) };
}
