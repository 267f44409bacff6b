import type { Pixels } from '../core/types.ts';

/** The mirror image: left and right swapped. */
export function mirrored({ width, height, data }: Pixels): Pixels {
  const source = new Uint32Array(data.buffer, data.byteOffset, width * height);
  const swapped = new Uint32Array(source.length);
  for (let row = 0; row < source.length; row += width) {
    for (let x = 0; x < width; x++) swapped[row + x] = source[row + width - 1 - x] as number;
  }
  return { width, height, data: new Uint8ClampedArray(swapped.buffer) };
}
