import type { Grey } from './grey.ts';

/**
 * Integral images of a picture, which give the sum over any rectangle with four reads (Viola & Jones 2001; tilted:
 * Lienhart & Maydt 2002). Each has one row and one column more than the picture. The value at (x, y) has the index `y *
 * stride + x`.
 */
export interface Integral {
  /** The picture's width + 1. */
  stride: number;
  /** At (x, y): the sum of all pixels left of x and above y. */
  sum: Int32Array;
  /** The same for the squares of the pixels. Doubles: 32 bits overflow from 257 × 257 white pixels on. */
  squares: Float64Array;
  /** At (x, y): the sum of the pixels in the cone that opens upwards at 45° from pixel (x − 1, y − 1), inclusive. */
  tilted: Int32Array | undefined;
}

/**
 * Computes the integral images of a picture.
 *
 * @param picture at most 8 million pixels: beyond that a sum may overflow 32 bits.
 * @param withTilted whether to compute the tilted integral image as well.
 */
export function integralOf({ width, height, data }: Grey, withTilted: boolean): Integral {
  const stride = width + 1;
  const sum = new Int32Array(stride * (height + 1));
  const squares = new Float64Array(stride * (height + 1));
  for (let y = 0, from = 0; y < height; y++) {
    let row = 0;
    let rowSquares = 0;
    for (let x = 0, to = (y + 1) * stride + 1; x < width; x++, from++, to++) {
      const value = data[from] as number;
      row += value;
      rowSquares += value * value;
      sum[to] = (sum[to - stride] as number) + row;
      squares[to] = (squares[to - stride] as number) + rowSquares;
    }
  }
  return { stride, sum, squares, tilted: withTilted ? tiltedOf({ width, height, data }) : undefined };
}

/**
 * A cone is the sum of its two upper neighbours' cones, minus their intersection, plus the two pixels that neither
 * contains.
 */
function tiltedOf({ width, height, data }: Grey): Int32Array {
  const stride = width + 1;
  const cones = new Int32Array(stride * (height + 1));
  for (let y = 1; y <= height; y++) {
    const at = y * stride;
    const pixel = (x: number, above: number) => (y > above ? (data[(y - 1 - above) * width + x - 1] as number) : 0);
    const twoAbove = (x: number) => (y > 1 ? (cones[at - 2 * stride + x] as number) : 0);
    // Inside the picture, the cone beyond the left edge equals that of its neighbour at the edge, one row higher.
    cones[at] = cones[at - stride + 1] as number;
    for (let x = 1; x <= width; x++) {
      const right = x < width ? (cones[at - stride + x + 1] as number) : twoAbove(width);
      const left = cones[at - stride + x - 1] as number;
      cones[at + x] = left + right - twoAbove(x) + pixel(x, 0) + pixel(x, 1);
    }
  }
  return cones;
}
