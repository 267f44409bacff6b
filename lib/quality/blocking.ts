import type { Pixels } from '../core/types.ts';
import type { Affine } from '../image/affine.ts';
import { type Measured, sigmoid } from './scores.ts';

/** The side of a JPEG block, in pixels. */
const blockSide = 8;

/** The share of the crop's side at each edge that is left out: background compresses differently. */
const margin = 1 / 8;

/** Added to the mean step inside blocks, in luma levels of 0 to 255, so that rounding in flat pictures does not count. */
const minStep = 0.2;

/**
 * How much larger the steps of luma across the edges of JPEG blocks are than those inside blocks: about 1 for an uncompressed picture,
 * 1.6 at JPEG quality 10, 3 at quality 3. Blocks are assumed to start at the picture's corner, so that a picture that was scaled or cut after
 * compression reads 1, as does a face that the crop shows much smaller than the picture does.
 *
 * This takes the place of the network of OFIQ's CompressionArtifacts.cpp.
 *
 * @param luma the luma of the crop's pixels, 0 to 255.
 * @param toSource from a position in the crop to a position in the picture.
 */
export function compressionArtifacts(luma: Float32Array, { width, height }: Pixels, toSource: Affine): Measured {
  const { a, b, c, d, e, f } = toSource;
  // The picture's axis that the rows of the crop follow most closely.
  const rowsFollowX = Math.abs(a) >= Math.abs(b);
  const across = rowsFollowX ? [a, c, e] : [b, d, f];
  const down = rowsFollowX ? [b, d, f] : [a, c, e];
  const size = { width, height };
  const value = Math.sqrt(edgeRatio(luma, size, 1, across) * edgeRatio(luma, size, width, down));
  return sigmoid(value, 1.6, -0.15);
}

/**
 * The ratio of steps across block edges to steps inside blocks, along one axis of the picture.
 *
 * @param step the distance of two neighbours in `luma`: 1 for columns, the width for rows.
 * @param coefficients the coordinate of the picture: the factors of the crop's x and y, and the constant.
 */
function edgeRatio(
  luma: Float32Array,
  { width, height }: { width: number; height: number },
  step: number,
  [byX, byY, constant]: readonly number[],
): number {
  const [offsetX, offsetY] = step === 1 ? [1, 0.5] : [0.5, 1];
  const [left, top] = [Math.ceil(width * margin), Math.ceil(height * margin)];
  let [edgeSum, insideSum, edgeCount, insideCount] = [0, 0, 0, 0];
  for (let y = top; y < height - top - 1; y++) {
    const last = (y + 1) * width - left - 1;
    let position = (byX as number) * (left + offsetX) + (byY as number) * (y + offsetY) + (constant as number) + 0.5;
    for (let i = y * width + left; i < last; i++) {
      const difference = Math.abs((luma[i + step] as number) - (luma[i] as number));
      // The step between the last pixel of a block and the first of the next one is within half a pixel of the edge.
      if (position - blockSide * Math.floor(position / blockSide) < 1) {
        edgeSum += difference;
        edgeCount++;
      } else {
        insideSum += difference;
        insideCount++;
      }
      position += byX as number;
    }
  }
  if (edgeCount === 0 || insideCount === 0) return 1;
  return edgeSum / edgeCount / (insideSum / insideCount + minStep);
}
