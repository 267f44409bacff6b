import { expect, test } from 'vitest';
import { drawTiledPyramid, tiledLayout } from '../../../../../lib/detection/networks/mmod/tiled-pyramid.ts';
import type { ByteImage } from '../../../../../lib/image/dlib/byte-image.ts';

const [width, height] = [52, 41];

/** Red grows to the right, green grows downwards, blue is constant. */
function ramps(): ByteImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i += 3) data.set([5 * x, 6 * y, 7], i);
  return { width, height, channels: 3, data };
}

test('keeps the fractions of every level of the pyramid', () => {
  const layout = tiledLayout(width, height, 10, 11);
  const { data } = drawTiledPyramid(ramps(), layout, [1, 2, 3]);
  expect(layout.levels.length).toBeGreaterThan(6);
  let [fractions, largest] = [0, 0];
  for (const { left, top, right, bottom } of layout.levels) {
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        // Linear interpolation with aligned corners maps a ramp to a ramp.
        const red = (5 * (width - 1) * (x - left)) / (right - left);
        const green = (6 * (height - 1) * (y - top)) / (bottom - top);
        const at = (y * layout.width + x) * 3;
        [red, green, 7].forEach((value, channel) => {
          largest = Math.max(largest, Math.abs((data[at + channel] as number) - value));
        });
        fractions += Number.isInteger(data[at] as number) ? 0 : 1;
      }
    }
  }
  expect(largest).toBeLessThan(1e-3);
  expect(fractions).toBeGreaterThan(1000);
});

test('fills the rest with the background', () => {
  const layout = tiledLayout(width, height, 10, 11);
  const { data } = drawTiledPyramid(ramps(), layout, [1.5, 2.5, 3.5]);
  const inside = (x: number, y: number) =>
    layout.levels.some(({ left, top, right, bottom }) => x >= left && x <= right && y >= top && y <= bottom);
  const colours = new Set<string>();
  for (let y = 0, i = 0; y < layout.height; y++) {
    for (let x = 0; x < layout.width; x++, i += 3) if (!inside(x, y)) colours.add(data.subarray(i, i + 3).join());
  }
  expect([...colours]).toEqual(['1.5,2.5,3.5']);
});
