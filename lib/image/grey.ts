import type { Pixels } from '../core/types.ts';

/** A greyscale picture: 8 bits per pixel, 0 (black) to 255 (white), row by row from the top. */
export interface Grey {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

/** Converts to luma with the weights of ITU-R BT.601, in 15 binary digits as OpenCV's `cvtColor` does. Alpha is ignored. */
export function toGrey({ width, height, data }: Pixels): Grey {
  const grey = new Uint8ClampedArray(width * height);
  for (let i = 0, from = 0; i < grey.length; i++, from += 4) {
    const sum = 9798 * (data[from] as number) + 19235 * (data[from + 1] as number) + 3735 * (data[from + 2] as number);
    grey[i] = (sum + (1 << 14)) >> 15;
  }
  return { width, height, data: grey };
}

/** Halves the size: each pixel is the mean of 2 × 2. An odd last row or column is dropped. */
export function halved({ width, height, data }: Grey): Grey {
  const half = { width: width >> 1, height: height >> 1 };
  const means = new Uint8ClampedArray(half.width * half.height);
  for (let y = 0, to = 0; y < half.height; y++) {
    for (let x = 0, from = 2 * y * width; x < half.width; x++, from += 2, to++) {
      const above = (data[from] as number) + (data[from + 1] as number);
      const below = (data[from + width] as number) + (data[from + width + 1] as number);
      means[to] = (above + below) / 4;
    }
  }
  return { ...half, data: means };
}

/**
 * Resizes a picture as OpenCV does with `INTER_LINEAR_EXACT`: linear interpolation between pixel centres with weights of 8 binary digits,
 * and one rounding at the end. It does not average: below half the size it aliases.
 */
export function resizedExactly({ width, height, data }: Grey, toWidth: number, toHeight: number): Grey {
  const columns = exactWeights(width, toWidth);
  const rows = exactWeights(height, toHeight);
  const across = new Uint16Array(height * toWidth);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < toWidth; x++, to++) {
      const from = y * width + (columns.first[x] as number);
      const share = columns.share[x] as number;
      // The second pixel of the last column is never read: its weight is 0.
      across[to] = (data[from] as number) * (256 - share) + (share > 0 ? (data[from + 1] as number) * share : 0);
    }
  }
  const result = new Uint8ClampedArray(toWidth * toHeight);
  for (let y = 0, to = 0; y < toHeight; y++) {
    const above = (rows.first[y] as number) * toWidth;
    const share = rows.share[y] as number;
    const below = share > 0 ? above + toWidth : above;
    for (let x = 0; x < toWidth; x++, to++) {
      const sum = (across[above + x] as number) * (256 - share) + (across[below + x] as number) * share;
      result[to] = (sum + (1 << 15)) >>> 16;
    }
  }
  return { width: toWidth, height: toHeight, data: result };
}

/** For each pixel along a side of the result: the first source pixel, and the weight of the next one of 256. */
function exactWeights(length: number, toLength: number) {
  const first = new Int32Array(toLength);
  const share = new Int32Array(toLength);
  const scale = length / toLength;
  for (let i = 0; i < toLength; i++) {
    const position = (i + 0.5) * scale - 0.5;
    const whole = Math.floor(position);
    first[i] = Math.min(Math.max(whole, 0), length - 1);
    if (whole >= 0 && whole < length - 1) share[i] = Math.round((position - whole) * 256);
  }
  return { first, share };
}

/**
 * Resamples a picture by bilinear interpolation between pixel centres. It does not average: below half the size it
 * aliases.
 *
 * @param scale source pixels per result pixel, along each side.
 */
export function resampled({ width, height, data }: Grey, size: { width: number; height: number }, scale: number): Grey {
  const samples = new Uint8ClampedArray(size.width * size.height);
  const columns = neighbours(size.width, width, scale);
  const rows = neighbours(size.height, height, scale);
  for (let y = 0, to = 0; y < size.height; y++) {
    const above = (rows.first[y] as number) * width;
    const below = (rows.second[y] as number) * width;
    const down = rows.share[y] as number;
    for (let x = 0; x < size.width; x++, to++) {
      const left = columns.first[x] as number;
      const right = columns.second[x] as number;
      const across = columns.share[x] as number;
      const top = (data[above + left] as number) * (1 - across) + (data[above + right] as number) * across;
      const bottom = (data[below + left] as number) * (1 - across) + (data[below + right] as number) * across;
      samples[to] = top * (1 - down) + bottom * down;
    }
  }
  return { ...size, data: samples };
}

/** For each pixel along a side of the result: the two nearest source pixels, and the weight of the second one. */
function neighbours(length: number, sourceLength: number, scale: number) {
  const first = new Int32Array(length);
  const second = new Int32Array(length);
  const share = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const position = Math.min(Math.max((i + 0.5) * scale - 0.5, 0), sourceLength - 1);
    first[i] = Math.floor(position);
    second[i] = Math.min((first[i] as number) + 1, sourceLength - 1);
    share[i] = position - (first[i] as number);
  }
  return { first, second, share };
}
