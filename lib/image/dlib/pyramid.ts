import type { Point } from '../../core/types.ts';
import type { ByteImage } from './byte-image.ts';
import { resize } from './resize.ts';

/** A size in pixels. */
interface Size {
  width: number;
  height: number;
}

/** Doubles the size of an image, as dlib's `pyramid_up` does for the upsampling of its detectors. */
export function doubled(image: ByteImage): ByteImage {
  const { width, height } = doubledSize(image);
  return resize(image, width, height);
}

/** The size of an image that is doubled. */
export function doubledSize({ width, height }: Size): Size {
  return { width: 2 * width + 2, height: 2 * height + 1 };
}

/** From a position in an image doubled `times` times to the original. (dlib, `pyramid_down<2>::point_down`) */
export function fromDoubled({ x, y }: Point, times: number): Point {
  for (let i = 0; i < times; i++) [x, y] = [x / 2 - 1.25, y / 2 - 0.75];
  return { x, y };
}

/** Shrinks an image by 5/6, the step of the pyramid of dlib's face detectors. (dlib, `pyramid_down<6>`) */
export function shrunkBySixth(image: ByteImage): ByteImage {
  const { width, height } = shrunkSize(image);
  return resize(image, width, height);
}

/** The size of an image that is shrunk by 5/6. */
export function shrunkSize({ width, height }: Size): Size {
  return { width: Math.floor((5 * width) / 6), height: Math.floor((5 * height) / 6) };
}

/** From a position at a level of that pyramid to the first level. (dlib, `pyramid_down<6>::point_up`) */
export function fromSixth({ x, y }: Point, level: number): Point {
  for (let i = 0; i < level; i++) [x, y] = [x * (6 / 5) + 0.3, y * (6 / 5) + 0.3];
  return { x, y };
}

/** Halves the size of an image with a 5 × 5 Gaussian filter. Up to 8 × 8 pixels nothing is left. (dlib, `pyramid_down<2>`) */
export function halvedByGaussian({ width, height, channels, data }: ByteImage): ByteImage {
  if (width <= 8 || height <= 8) return { width: 0, height: 0, channels, data: new Uint8Array() };
  const half = { width: (width - 3) >> 1, height: (height - 3) >> 1 };
  const rows = new Uint16Array(height * half.width * channels);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < half.width; x++) {
      for (let channel = 0; channel < channels; channel++, to++) {
        const from = (y * width + 2 * x) * channels + channel;
        rows[to] = weighted(data, from, channels);
      }
    }
  }
  const stride = half.width * channels;
  const result = new Uint8Array(half.height * stride);
  for (let y = 0, to = 0; y < half.height; y++) {
    for (let x = 0; x < stride; x++, to++) result[to] = weighted(rows, 2 * y * stride + x, stride) >> 8;
  }
  return { ...half, channels, data: result };
}

/** The sum of five values, `step` apart, with the weights 1, 4, 6, 4, 1. */
function weighted(values: Uint8Array | Uint16Array, from: number, step: number): number {
  return (
    (values[from] as number) +
    4 * (values[from + step] as number) +
    6 * (values[from + 2 * step] as number) +
    4 * (values[from + 3 * step] as number) +
    (values[from + 4 * step] as number)
  );
}
