import type { Pixels } from '../../core/types.ts';

/** A picture as dlib has it: one grey level per pixel, or red, green and blue, 8 bits each, row by row from the top. */
export interface ByteImage {
  width: number;
  height: number;
  channels: 1 | 3;
  data: Uint8Array;
}

/**
 * Drops the alpha channel. A picture whose pixels are all grey becomes a grey image, because dlib rounds the pixels of grey and of coloured
 * images differently.
 */
export function toByteImage({ width, height, data }: Pixels): ByteImage {
  const channels = isGrey(data) ? 1 : 3;
  const bytes = new Uint8Array(width * height * channels);
  for (let from = 0, to = 0; to < bytes.length; from += 4, to += channels) {
    bytes[to] = data[from] as number;
    if (channels === 1) continue;
    bytes[to + 1] = data[from + 1] as number;
    bytes[to + 2] = data[from + 2] as number;
  }
  return { width, height, channels, data: bytes };
}

/** Whether the red, green and blue of each pixel are equal. */
export function isGrey(data: Uint8ClampedArray): boolean {
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  }
  return true;
}
