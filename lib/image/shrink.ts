import type { Box, Point } from '../core/types.ts';
import type { Affine } from './affine.ts';

/** The maximum number of pixels read at a time, so that a 48-megapixel photo needs no more memory than a small one. */
const maxStripPixels = 1 << 21;

/**
 * Divides a region into horizontal strips of whole blocks, each of at most {@link maxStripPixels} or one row of blocks.
 */
export function* stripsOf(region: Box, block: number): Generator<Box> {
  const rows = Math.max(1, Math.floor(maxStripPixels / (region.width * block))) * block;
  for (let y = 0; y < region.height; y += rows) {
    yield { x: region.x, y: region.y + y, width: region.width, height: Math.min(rows, region.height - y) };
  }
}

/**
 * Converts a transform to the picture into a transform to a region of it that was shrunk by `block`.
 *
 * @param origin the region's top left corner in the picture.
 */
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
