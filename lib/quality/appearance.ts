import type { Appearance, Pixels } from '../core/types.ts';
import { leastDetail } from './detail.ts';

/**
 * The side of the centre of an aligned crop that shows the face, not hair or background, as a share of the crop's side.
 */
const faceShare = 0.6;

/** Measures the centre of an aligned crop, by its luminance (ITU-R BT.601). */
export function appearanceOf({ data, width, height }: Pixels): Appearance {
  const luminance = new Float32Array(width * height);
  for (let i = 0, from = 0; i < luminance.length; i++, from += 4) {
    const [red, green, blue] = [data[from] as number, data[from + 1] as number, data[from + 2] as number];
    luminance[i] = (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
  }
  const [left, top] = [width, height].map((side) => Math.round((side * (1 - faceShare)) / 2)) as [number, number];
  let count = 0;
  let sum = 0;
  let squares = 0;
  let detail = 0;
  for (let y = Math.max(1, top); y < Math.min(height - 1, height - top); y++) {
    for (let x = Math.max(1, left); x < Math.min(width - 1, width - left); x++) {
      const i = y * width + x;
      const value = luminance[i] as number;
      const around =
        (luminance[i - 1] as number) +
        (luminance[i + 1] as number) +
        (luminance[i - width] as number) +
        (luminance[i + width] as number);
      count++;
      sum += value;
      squares += value * value;
      detail += (value - around / 4) ** 2;
    }
  }
  const brightness = sum / count;
  const contrast = Math.sqrt(Math.max(0, squares / count - brightness ** 2));
  const share = (deviation: number) => (contrast === 0 ? 0 : deviation / contrast);
  const region = { left, top, right: width - left, bottom: height - top };
  const [fine, medium, coarse] = leastDetail(luminance, width, region);
  return {
    brightness,
    contrast,
    sharpness: share(Math.sqrt(detail / count)),
    detail: [share(fine), share(medium), share(coarse)],
  };
}
