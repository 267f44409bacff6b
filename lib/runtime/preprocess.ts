import type { Pixels } from '../core/types.ts';
import type { FloatPixels } from '../image/float-pixels.ts';
import type { Preprocessing } from '../models/manifest.ts';

/** An image that a network takes: bytes with alpha, or floats without. */
export type NetworkImage = Pixels | FloatPixels;

/**
 * Normalises a batch of images to a network's input tensor.
 *
 * @param images of the size in `preprocessing`.
 * @returns values (v − mean) / std in the shape [images, height, width, 3].
 */
export function toInput(images: readonly NetworkImage[], preprocessing: Preprocessing): Float32Array {
  const length = preprocessing.width * preprocessing.height * 3;
  const input = new Float32Array(images.length * length);
  images.forEach(({ data }, i) => {
    normalise(data, preprocessing, input.subarray(i * length, (i + 1) * length));
  });
  return input;
}

/**
 * Normalises a run of pixels.
 *
 * @param data RGBA bytes, or red, green and blue as floats.
 * @param input receives (v − mean) / std, three values a pixel.
 */
export function normalise(
  data: NetworkImage['data'],
  { channels, mean, std }: Preprocessing,
  input: Float32Array,
): void {
  const stride = data instanceof Float32Array ? 3 : 4;
  const [first, second, third] = channels === 'rgb' ? [0, 1, 2] : [2, 1, 0];
  const [m0, m1, m2] = mean;
  const [s0, s1, s2] = [1 / std[0], 1 / std[1], 1 / std[2]];
  for (let from = 0, to = 0; from < data.length; from += stride, to += 3) {
    input[to] = ((data[from + first] as number) - m0) * s0;
    input[to + 1] = ((data[from + second] as number) - m1) * s1;
    input[to + 2] = ((data[from + third] as number) - m2) * s2;
  }
}

/**
 * The image of the self-check: a fixed synthetic pattern that covers the range of values. The prepare step records each
 * network's outputs for it, computed in plain JavaScript; a backend must reproduce them.
 */
export function selfCheckPixels({ width, height }: Preprocessing): Pixels {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 4) {
      data[i] = (x * 255) / width;
      data[i + 1] = (y * 255) / height;
      data[i + 2] = ((x >> 3) ^ (y >> 3)) & 1 ? 200 : 40;
      data[i + 3] = 255;
    }
  }
  return { width, height, data };
}
