import { describe, expect, test } from 'vitest';
import type { Box, Pixels } from '../../../lib/core/types.ts';
import { type Affine, squareCrop } from '../../../lib/image/affine.ts';
import type { PixelSource } from '../../../lib/image/pixel-source.ts';
import { warp } from '../../../lib/image/warp.ts';

/** A picture whose pixels are computed on demand, and a record of the regions read. */
function picture(width: number, height: number, color: (x: number, y: number) => [number, number, number]) {
  const reads: Box[] = [];
  const source: PixelSource = {
    width,
    height,
    read(region) {
      reads.push(region);
      const data = new Uint8ClampedArray(region.width * region.height * 4);
      for (let y = 0, i = 0; y < region.height; y++) {
        for (let x = 0; x < region.width; x++, i += 4) {
          data.set([...color(region.x + x, region.y + y), 255], i);
        }
      }
      return { ...region, data };
    },
  };
  return { source, reads };
}

const scaled = (scale: number, e = 0, f = 0): Affine => ({ a: scale, b: 0, c: 0, d: scale, e, f });
const pixel = ({ data, width }: Pixels, x: number, y: number) => [
  ...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4),
];
const hash = (x: number, y: number): [number, number, number] => [
  (x * 37 + y * 11) % 256,
  (x * 5 + y * 53) % 256,
  (x * y) % 256,
];

describe('warp', () => {
  test('returns the same pixels for the identity', () => {
    const { source } = picture(9, 7, hash);
    const { data } = warp(source, scaled(1), 9, 7);
    expect([...data]).toEqual([...source.read({ x: 0, y: 0, width: 9, height: 7 }).data]);
  });

  test('translates by whole pixels exactly, with black outside the picture', () => {
    const crop = warp(picture(4, 4, hash).source, scaled(1, 2, 1), 4, 4);
    expect(pixel(crop, 0, 0)).toEqual([...hash(2, 1), 255]);
    expect(pixel(crop, 1, 2)).toEqual([...hash(3, 3), 255]);
    expect(pixel(crop, 2, 0)).toEqual([0, 0, 0, 255]);
    expect(pixel(crop, 0, 3)).toEqual([0, 0, 0, 255]);
  });

  test('interpolates linearly between two pixels', () => {
    const { source } = picture(2, 1, (x) => [x === 0 ? 10 : 30, 0, 0]);
    expect(pixel(warp(source, scaled(1, 0.5), 1, 1), 0, 0)[0]).toBe(20);
    expect(pixel(warp(source, scaled(1, 0.25), 1, 1), 0, 0)[0]).toBe(15);
  });

  test('rotates by 90° without changing a value', () => {
    const { source } = picture(6, 6, hash);
    const crop = warp(source, squareCrop({ x: 3, y: 3 }, 6, Math.PI / 2, 6), 6, 6);
    for (let y = 0; y < 6; y++) {
      for (let x = 0; x < 6; x++) expect(pixel(crop, x, y)).toEqual([...hash(5 - y, x), 255]);
    }
  });

  test.each([2, 3, 8])('shrinks by %i to the mean of each block', (factor) => {
    const { source } = picture(factor * 4, factor * 4, hash);
    const crop = warp(source, scaled(factor), 4, 4);
    for (let y = 0; y < 4; y++) {
      for (let x = 0; x < 4; x++) {
        let sum = 0;
        for (let v = 0; v < factor; v++)
          for (let u = 0; u < factor; u++) sum += hash(x * factor + u, y * factor + v)[0];
        expect(Math.abs((pixel(crop, x, y)[0] as number) - sum / factor ** 2)).toBeLessThanOrEqual(0.5);
      }
    }
  });

  test('shrinks by 3.5 without aliasing: a fine chequerboard becomes grey', () => {
    const { source } = picture(350, 350, (x, y) => ((x + y) % 2 ? [255, 255, 255] : [0, 0, 0]));
    const { data } = warp(source, scaled(3.5), 100, 100);
    const reds = data.filter((_, i) => i % 4 === 0);
    expect(Math.min(...reds)).toBeGreaterThan(100);
    expect(Math.max(...reds)).toBeLessThan(155);
  });

  test('reads a large picture in strips inside it, with the same result', () => {
    const smooth = (x: number, y: number): [number, number, number] => [x / 32, y / 24, 128];
    const { source, reads } = picture(8000, 6000, smooth);
    const crop = warp(source, scaled(40), 200, 150);
    expect(reads.length).toBeGreaterThan(10);
    for (const { x, y, width, height } of reads) {
      expect(width * height).toBeLessThanOrEqual(1 << 21);
      expect(x >= 0 && y >= 0 && x + width <= 8000 && y + height <= 6000).toBe(true);
      expect([x, y, width, height].every(Number.isInteger)).toBe(true);
    }
    for (const [x, y] of [
      [0, 0],
      [199, 149],
      [77, 120],
    ] as const) {
      const [red, green] = pixel(crop, x, y) as [number, number];
      expect(Math.abs(red - (x * 40 + 19.5) / 32)).toBeLessThan(1.5);
      expect(Math.abs(green - (y * 40 + 19.5) / 24)).toBeLessThan(1.5);
    }
  });

  test('enlarges a picture of one pixel', () => {
    const { source } = picture(1, 1, () => [9, 8, 7]);
    const crop = warp(source, scaled(1 / 4), 4, 4);
    expect(pixel(crop, 0, 0)).toEqual([9, 8, 7, 255]);
    expect(pixel(crop, 3, 3)).toEqual([9, 8, 7, 255]);
  });

  test('returns black without reading for a crop outside the picture', () => {
    const { source, reads } = picture(5, 5, hash);
    const { data } = warp(source, scaled(1, 100, 100), 3, 3);
    expect(reads).toEqual([]);
    expect([...data.subarray(0, 4)]).toEqual([0, 0, 0, 255]);
  });
});
