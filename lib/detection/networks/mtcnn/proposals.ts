import type { Pixels } from '../../../core/types.ts';
import { compose } from '../../../image/affine.ts';
import type { PixelSource } from '../../../image/pixel-source.ts';
import { warp } from '../../../image/warp.ts';
import type { Network } from '../../../runtime/network.ts';
import type { SearchArea } from '../../detector.ts';
import { type Candidate, corrected, squared, suppressCandidates } from './candidates.ts';
import {
  type Level,
  levelsOf,
  type PlacedPart,
  packed,
  partsOf,
  stride,
  toArea,
  windowSide,
  windowsAlong,
} from './pyramid.ts';

/** The minimum score of a window. (David Sandberg's align code) */
const minScore = 0.6;

/** The maximum overlap of windows of one face: at one scale, and among all scales. (David Sandberg's align code) */
const maxOverlapAtScale = 0.5;
const maxOverlap = 0.7;

/** A window that may show a face, with the network's corrections. */
interface Proposal extends Candidate {
  regression: Float32Array;
}

/**
 * The first stage of MTCNN: scores all windows of all scales. The network has a fixed input size, so the levels of the
 * image pyramid are divided into parts, and small parts share an image.
 *
 * @param minSize the side of the smallest face to find, in pixels of the area.
 * @returns squares in pixels of the area.
 */
export async function proposals(
  network: Network,
  picture: PixelSource,
  area: SearchArea,
  minSize: number,
  signal: AbortSignal | undefined,
): Promise<Candidate[]> {
  const { width: size } = network.descriptor.preprocessing;
  const images = packed(partsOf(levelsOf(area, minSize), size), size);
  const outputs = await network.run(renderImages(picture, area, images, size), signal);
  const byLevel = new Map<Level, Proposal[]>();
  images.forEach((parts, i) => {
    const [probabilities, regressions] = outputs[i] as [Float32Array, Float32Array];
    for (const part of parts) {
      const found = byLevel.get(part.level) ?? [];
      byLevel.set(part.level, found);
      found.push(...proposalsIn(part, windowsAlong(size), probabilities, regressions));
    }
  });
  const all = [...byLevel.values()].flatMap((found) => suppressCandidates(found, maxOverlapAtScale));
  return suppressCandidates(all, maxOverlap).map((proposal) => {
    const { left, top, right, bottom, regression } = proposal;
    // The reference measures sides here as the distance of the first and the last pixel.
    return squared(corrected(proposal, regression, right - left - 1, bottom - top - 1));
  });
}

/** The windows of a part that may show a face, in pixels of the area. @param columns the windows in a row of the image. */
function proposalsIn(
  { level: { scale }, left, top, x, y, width, height }: PlacedPart,
  columns: number,
  probabilities: Float32Array,
  regressions: Float32Array,
): Proposal[] {
  const found: Proposal[] = [];
  for (let row = 0; row < windowsAlong(height); row++) {
    for (let column = 0; column < windowsAlong(width); column++) {
      const index = (y / stride + row) * columns + x / stride + column;
      const score = probabilities[2 * index + 1] as number;
      if (score < minScore) continue;
      const [windowLeft, windowTop] = [left + column * stride, top + row * stride];
      found.push({
        left: Math.trunc((windowLeft + 1) / scale) - 1,
        top: Math.trunc((windowTop + 1) / scale) - 1,
        right: Math.trunc((windowLeft + windowSide) / scale),
        bottom: Math.trunc((windowTop + windowSide) / scale),
        score,
        regression: regressions.subarray(4 * index, 4 * index + 4),
      });
    }
  }
  return found;
}

/** Renders one image at a time, so that only the network's current batch is in memory. */
function* renderImages(
  picture: PixelSource,
  area: SearchArea,
  images: readonly PlacedPart[][],
  size: number,
): Generator<Pixels> {
  for (const parts of images) {
    const image: Pixels = { width: size, height: size, data: new Uint8ClampedArray(size * size * 4) };
    for (const part of parts) {
      const toSource = compose(area.toSource, toArea(part, area));
      copyInto(image, warp(picture, toSource, part.width, part.height), part);
    }
    yield image;
  }
}

function copyInto(image: Pixels, { width, height, data }: Pixels, { x, y }: PlacedPart): void {
  for (let row = 0; row < height; row++) {
    const line = data.subarray(row * width * 4, (row + 1) * width * 4);
    image.data.set(line, ((y + row) * image.width + x) * 4);
  }
}
