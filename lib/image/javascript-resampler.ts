import type { Box, Pixels } from '../core/types.ts';
import type { Affine } from './affine.ts';
import type { PixelSource, Raster, Resampler } from './pixel-source.ts';
import { stripsOf, toShrunk } from './shrink.ts';

/** The resampler in plain JavaScript, for runtimes that have none of their own. */
export const javaScriptResampler: Resampler = {
  resample(source, { region, block, toSource, width, height, grid }) {
    const shrunk = readShrunk(source, region, block);
    return sample(shrunk, toShrunk(toSource, shrunk, block), { width, height }, grid);
  },
};

/** Reads a region with each block × block square of pixels averaged to one. */
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

/** Writes the mean of every block × block square of a region. Squares at the right and bottom edge may be smaller. */
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

/** Samples the crop: each pixel is the mean of grid × grid bilinear samples. */
function sample(source: Pixels, toSource: Affine, size: { width: number; height: number }, grid: number): Pixels {
  const { a, b, c, d, e, f } = toSource;
  const { width, height } = size;
  const data = new Uint8ClampedArray(width * height * 4);
  const step = 1 / grid;
  const share = step * step;
  const sums = new Float64Array(3);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 4) {
      sums.fill(0);
      for (let i = 0; i < grid; i++) {
        for (let j = 0; j < grid; j++) {
          const u = x + (j + 0.5) * step;
          const v = y + (i + 0.5) * step;
          addBilinear(source, a * u + c * v + e - 0.5, b * u + d * v + f - 0.5, sums);
        }
      }
      data[to] = (sums[0] as number) * share;
      data[to + 1] = (sums[1] as number) * share;
      data[to + 2] = (sums[2] as number) * share;
      data[to + 3] = 255;
    }
  }
  return { width, height, data };
}

/**
 * Adds the bilinear sample at a position, in pixels from the first pixel's centre, to `sums`. Outside the source it is
 * black.
 */
function addBilinear({ data, width, height }: Pixels, x: number, y: number, sums: Float64Array): void {
  if (x < -0.5 || y < -0.5 || x >= width - 0.5 || y >= height - 0.5) return;
  // The last position with a neighbour to its right and below. A source one pixel wide has none.
  const px = Math.min(Math.max(x, 0), Math.max(0, width - 1.0001));
  const py = Math.min(Math.max(y, 0), Math.max(0, height - 1.0001));
  const right = width > 1 ? 4 : 0;
  const below = height > 1 ? width * 4 : 0;
  const x0 = px | 0;
  const y0 = py | 0;
  const fx = px - x0;
  const fy = py - y0;
  const w00 = (1 - fx) * (1 - fy);
  const w10 = fx * (1 - fy);
  const w01 = (1 - fx) * fy;
  const w11 = fx * fy;
  let from = (y0 * width + x0) * 4;
  for (let channel = 0; channel < 3; channel++, from++) {
    sums[channel] =
      (sums[channel] as number) +
      (w00 * (data[from] as number) +
        w10 * (data[from + right] as number) +
        w01 * (data[from + below] as number) +
        w11 * (data[from + below + right] as number));
  }
}
