import type { Pixels } from '../core/types.ts';

/** The weights have 11 binary digits. */
const one = 2048;

/**
 * Resizes a picture as OpenCV's `resize` does by default (`INTER_LINEAR`): linear interpolation between pixel centres with weights of 11
 * binary digits, and OpenCV's order of roundings. It does not average: below half the size it aliases. Alpha becomes opaque.
 * (OpenCV, imgproc/src/resize.cpp)
 */
export function resizedLinearly({ width, height, data }: Pixels, toWidth: number, toHeight: number): Pixels {
  const columns = linearWeights(width, toWidth);
  const rows = linearWeights(height, toHeight);
  const result = new Uint8ClampedArray(toWidth * toHeight * 4).fill(255);
  const across = [new Int32Array(toWidth * 3), new Int32Array(toWidth * 3)] as [Int32Array, Int32Array];
  for (let y = 0, to = 0; y < toHeight; y++) {
    [rows.first, rows.second].forEach((indices, i) => {
      interpolateRow(data.subarray((indices[y] as number) * width * 4), columns, across[i] as Int32Array);
    });
    const share = rows.share[y] as number;
    const [above, below] = across;
    for (let x = 0, from = 0; x < toWidth; x++, to += 4) {
      for (let channel = 0; channel < 3; channel++, from++) {
        const upper = ((one - share) * ((above[from] as number) >> 4)) >> 16;
        const lower = (share * ((below[from] as number) >> 4)) >> 16;
        result[to + channel] = (upper + lower + 2) >> 2;
      }
    }
  }
  return { width: toWidth, height: toHeight, data: result };
}

/** For each pixel along a side of the result: two source pixels, and the weight of the second one of 2048. */
function linearWeights(length: number, toLength: number) {
  const first = new Int32Array(toLength);
  const second = new Int32Array(toLength);
  const share = new Int32Array(toLength);
  const scale = length / toLength;
  for (let i = 0; i < toLength; i++) {
    const position = Math.fround((i + 0.5) * scale - 0.5);
    const whole = Math.floor(position);
    first[i] = Math.min(Math.max(whole, 0), length - 1);
    second[i] = Math.min(Math.max(whole + 1, 0), length - 1);
    share[i] = Math.round((position - whole) * one);
  }
  return { first, second, share };
}

/** Interpolates a row of pixels, red, green and blue, without rounding. */
function interpolateRow(
  row: Uint8ClampedArray,
  { first, second, share }: ReturnType<typeof linearWeights>,
  result: Int32Array,
): void {
  for (let x = 0, to = 0; x < first.length; x++) {
    const [left, right, weight] = [(first[x] as number) * 4, (second[x] as number) * 4, share[x] as number];
    for (let channel = 0; channel < 3; channel++, to++) {
      result[to] = (row[left + channel] as number) * (one - weight) + (row[right + channel] as number) * weight;
    }
  }
}
