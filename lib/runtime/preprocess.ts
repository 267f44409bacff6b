import type { Pixels } from '../core/types.ts';
import type { Preprocessing } from '../models/manifest.ts';

/**
 * A batch of pictures as a network wants it: [pictures, height, width, 3], each value (v − mean) / std.
 *
 * @param pictures all of the size that `preprocessing` names.
 */
export function toInput(
  pictures: readonly Pixels[],
  { width, height, channels, mean, std }: Preprocessing,
): Float32Array {
  const input = new Float32Array(pictures.length * width * height * 3);
  const [first, second, third] = channels === 'rgb' ? [0, 1, 2] : [2, 1, 0];
  const [m0, m1, m2] = mean;
  const [s0, s1, s2] = [1 / std[0], 1 / std[1], 1 / std[2]];
  let to = 0;
  for (const { data } of pictures) {
    for (let from = 0; from < data.length; from += 4, to += 3) {
      input[to] = ((data[from + first] as number) - m0) * s0;
      input[to + 1] = ((data[from + second] as number) - m1) * s1;
      input[to + 2] = ((data[from + third] as number) - m2) * s2;
    }
  }
  return input;
}

/**
 * The picture on which every network's answer is known: a fixed pattern that touches all values and is no face. The
 * prepare step records what the network makes of it in plain JavaScript, and a backend must make the same.
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
