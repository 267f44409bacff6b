import { describe, expect, test } from 'vitest';
import { seeded as random } from '../../../lib/core/random.ts';
import type { Box, Pixels } from '../../../lib/core/types.ts';
import { type Affine, apply, scaleOf, squareCrop } from '../../../lib/image/affine.ts';
import { mirrored } from '../../../lib/image/mirror.ts';
import type { PixelSource, Raster } from '../../../lib/image/pixel-source.ts';
import { warp } from '../../../lib/image/warp.ts';

type Color = (x: number, y: number) => readonly [number, number, number];

/** A picture whose pixels are computed on demand, and a record of the regions read. */
function computed(width: number, height: number, color: Color): { source: PixelSource; reads: Box[] } {
  const reads: Box[] = [];
  const read = (region: Box): Raster => {
    reads.push(region);
    const data = new Uint8ClampedArray(region.width * region.height * 4);
    for (let i = 0; i < region.width * region.height; i++) {
      const [red, green, blue] = color(region.x + (i % region.width), region.y + Math.floor(i / region.width));
      data[i * 4] = red;
      data[i * 4 + 1] = green;
      data[i * 4 + 2] = blue;
      data[i * 4 + 3] = 255;
    }
    return { ...region, data };
  };
  return { source: { width, height, read }, reads };
}

/** The mean of the area that a crop's pixel covers, computed exactly. Without rotation. */
function areaMean(color: Color, left: number, top: number, side: number, channel: 0 | 1 | 2): number {
  let sum = 0;
  for (let y = Math.floor(top); y < top + side; y++) {
    const tall = Math.min(y + 1, top + side) - Math.max(y, top);
    for (let x = Math.floor(left); x < left + side; x++) {
      sum += color(x, y)[channel] * tall * (Math.min(x + 1, left + side) - Math.max(x, left));
    }
  }
  return sum / side ** 2;
}

const scaled = (scale: number, e = 0, f = 0): Affine => ({ a: scale, b: 0, c: 0, d: scale, e, f });
const rgb = ({ data, width }: Pixels, x: number, y: number) => [...data.slice((y * width + x) * 4).subarray(0, 3)];
const noise: Color = (x, y) => [(x * 89 + y * 57 + x * y * 13) % 256, (x * 31 + y * 7) % 256, (x ^ y) % 256];
const waves: Color = (x, y) => [128 + 100 * Math.sin(x / 9), 128 + 100 * Math.cos(y / 11), (x + y) % 200];

describe('shrinking', () => {
  test('by 2 returns the exact mean of four pixels in every channel', () => {
    const crop = warp(computed(40, 30, noise).source, scaled(2), 20, 15);
    for (let y = 0; y < 15; y++) {
      for (let x = 0; x < 20; x++) {
        for (const channel of [0, 1, 2] as const) {
          const mean = areaMean(noise, 2 * x, 2 * y, 2, channel);
          expect(Math.abs((rgb(crop, x, y)[channel] as number) - mean)).toBeLessThanOrEqual(0.5);
        }
      }
    }
  });

  // Blocks of three, then 2 × 2 bilinear samples: an approximation, close to the mean where the picture is smooth.
  test('by 3.5 approximates the mean of the area on a smooth picture, with an error below 3 of 255', () => {
    const crop = warp(computed(350, 280, waves).source, scaled(3.5), 100, 80);
    for (let y = 1; y < 79; y++) {
      for (let x = 1; x < 99; x++) {
        for (const channel of [0, 1] as const) {
          const mean = areaMean(waves, 3.5 * x, 3.5 * y, 3.5, channel);
          expect(Math.abs((rgb(crop, x, y)[channel] as number) - mean)).toBeLessThan(3);
        }
      }
    }
  });

  test('by 3.5 preserves the mean of a picture of noise', () => {
    const crop = warp(computed(350, 350, noise).source, scaled(3.5), 100, 100);
    const reds = crop.data.filter((_, i) => i % 4 === 0);
    const mean = reds.reduce((sum, value) => sum + value, 0) / reds.length;
    expect(Math.abs(mean - areaMean(noise, 0, 0, 350, 0))).toBeLessThan(1);
  });
});

describe('rotation', () => {
  test.each([
    [90, (x: number, y: number) => [7 - y, x]],
    [-90, (x: number, y: number) => [y, 7 - x]],
    [180, (x: number, y: number) => [7 - x, 7 - y]],
  ] as const)('by %i° permutes the pixels exactly', (degrees, from) => {
    const crop = warp(computed(8, 8, noise).source, squareCrop({ x: 4, y: 4 }, 8, (degrees * Math.PI) / 180, 8), 8, 8);
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 8; x++) {
        const [u, v] = from(x, y) as [number, number];
        expect(rgb(crop, x, y)).toEqual(noise(u, v));
      }
    }
  });

  test('mirroring swaps left and right, and mirroring twice restores the picture', () => {
    const crop = computed(5, 3, noise).source.read({ x: 0, y: 0, width: 5, height: 3 });
    const swapped = mirrored(crop);
    for (let y = 0; y < 3; y++) {
      for (let x = 0; x < 5; x++) expect(rgb(swapped, x, y)).toEqual(noise(4 - x, y));
    }
    expect([...mirrored(swapped).data]).toEqual([...crop.data]);
  });
});

describe('reading a picture', () => {
  test('returns the same pixels in strips as in one read of the whole picture', () => {
    const [width, height, factor] = [6000, 4000, 20];
    const { source, reads } = computed(width, height, noise);
    const crop = warp(source, scaled(factor), width / factor, height / factor);
    const largest = Math.max(...reads.map((region) => region.width * region.height));
    expect(width * height).toBeGreaterThan(1 << 21);
    expect(largest).toBeLessThanOrEqual(1 << 21);
    expect(reads.reduce((sum, region) => sum + region.width * region.height, 0)).toBe(width * height);
    // At the seams between strips, and at arbitrary positions.
    const seams = reads.slice(1).flatMap(({ y }) => [y / factor - 1, y / factor]);
    expect(seams.length).toBeGreaterThan(10);
    for (const y of [0, ...seams, height / factor - 1]) {
      for (const x of [0, 17, 150, 299]) {
        const mean = areaMean(noise, x * factor, y * factor, factor, 0);
        expect(Math.abs((rgb(crop, x, y)[0] as number) - mean)).toBeLessThanOrEqual(0.5);
      }
    }
  });

  test('requests only whole pixels inside the picture, for any crop', () => {
    const next = random(21);
    let requests = 0;
    for (let round = 0; round < 300; round++) {
      const [width, height] = [1 + Math.floor(next() * 60), 1 + Math.floor(next() * 60)];
      const { source, reads } = computed(width, height, () => [1, 1, 1]);
      const centre = { x: (next() * 2 - 0.5) * width, y: (next() * 2 - 0.5) * height };
      warp(source, squareCrop(centre, 1 + next() * 150, next() * 7, 16), 16, 16);
      requests += reads.length;
      for (const region of reads) {
        expect([region.x, region.y, region.width, region.height].every(Number.isInteger)).toBe(true);
        expect(Math.min(region.x, region.y)).toBeGreaterThanOrEqual(0);
        expect(Math.min(region.width, region.height)).toBeGreaterThan(0);
        expect(region.x + region.width).toBeLessThanOrEqual(width);
        expect(region.y + region.height).toBeLessThanOrEqual(height);
      }
    }
    expect(requests).toBeGreaterThan(100);
  });

  test('an enlarged crop is black exactly where its pixels’ centres are outside the picture', () => {
    const next = random(22);
    const { source } = computed(30, 20, () => [255, 255, 255]);
    for (let round = 0; round < 50; round++) {
      const view = squareCrop({ x: next() * 30, y: next() * 20 }, 5 + next() * 10, next() * 7, 16);
      expect(scaleOf(view)).toBeLessThan(1);
      const crop = warp(source, view, 16, 16);
      for (let i = 0; i < 256; i++) {
        const { x, y } = apply(view, { x: (i % 16) + 0.5, y: Math.floor(i / 16) + 0.5 });
        const inside = x >= 0 && y >= 0 && x < 30 && y < 20;
        expect(crop.data[i * 4]).toBe(inside ? 255 : 0);
        expect(crop.data[i * 4 + 3]).toBe(255);
      }
    }
  });
});
