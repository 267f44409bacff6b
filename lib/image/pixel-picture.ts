import type { Box, Pixels } from '../core/types.ts';
import { detachedError } from './errors.ts';
import { maxWholePixels, type Picture, type Raster } from './pixel-source.ts';

/**
 * A picture that reads pixels in memory.
 *
 * @throws {FaceNetError} `bitmap-detached`, here or at a read, when the pixels' buffer was transferred.
 */
export function pixelPicture({ width, height, data }: Pixels): Picture {
  if (data.length === 0) throw detachedError('ImageData');
  const all = { x: 0, y: 0, width, height, data };
  const read = (region: Box) => {
    if (data.length === 0) throw detachedError('ImageData');
    return width * height <= maxWholePixels ? all : cropped(all, region);
  };
  return { width, height, read, close() {} };
}

function cropped({ width, data }: Pixels, region: Box): Raster {
  const pixels = new Uint8ClampedArray(region.width * region.height * 4);
  for (let row = 0; row < region.height; row++) {
    const from = ((region.y + row) * width + region.x) * 4;
    pixels.set(data.subarray(from, from + region.width * 4), row * region.width * 4);
  }
  return { ...region, data: pixels };
}
