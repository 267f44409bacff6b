import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { type Affine, squareCrop } from '../../../../lib/image/affine.ts';
import { pixelPicture } from '../../../../lib/image/pixel-picture.ts';
import type { PixelSource, Resampler } from '../../../../lib/image/pixel-source.ts';
import { warp } from '../../../../lib/image/warp.ts';
import { startKernelResampler } from '../../../../lib/runtime/kernels/kernel-resampler.ts';
import { compileKernels, supportedKernels } from './support/kernel-files.ts';
import { noise } from './support/values.ts';

/** The largest difference between two crops, 0 to 255. */
function maxDifference(a: Uint8ClampedArray, b: Uint8ClampedArray): number {
  expect(a.length).toBe(b.length);
  return a.reduce((max, value, i) => Math.max(max, Math.abs(value - (b[i] as number))), 0);
}

/** Checks a crop by the kernels against the same crop in JavaScript. They may round differently. */
function expectSameCrop(source: PixelSource, resampler: Resampler, view: Affine, size: number): void {
  const expected = warp(source, view, size, size).data;
  const actual = warp({ ...source, resampler }, view, size, size).data;
  expect(maxDifference(actual, expected)).toBeLessThanOrEqual(1);
}

describe.each(supportedKernels)('the resampler of %s', async (name) => {
  const resampler = await startKernelResampler(await compileKernels(name));
  const picture: PixelSource = pixelPicture(noise(5, { height: 90, width: 130 }));

  test('agrees with JavaScript on random crops', () => {
    const crop = fc.record({
      x: fc.integer({ min: -30, max: 160 }),
      y: fc.integer({ min: -30, max: 120 }),
      side: fc.integer({ min: 4, max: 300 }),
      roll: fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }),
      size: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(crop, ({ x, y, side, roll, size }) => {
        // The offset keeps samples off the picture's edge, where rounding decides whether they are black.
        const view = squareCrop({ x: x + 0.1234567, y: y + 0.1234567 }, side, roll, size);
        expectSameCrop(picture, resampler, view, size);
      }),
    );
  });

  test('agrees with JavaScript when it reuses pixels between views of one picture, shrunk or not, in any order', () => {
    const views = [
      squareCrop({ x: 640, y: 480 }, 1280, 0, 128),
      squareCrop({ x: 300, y: 300 }, 120, 0, 192),
      squareCrop({ x: 640, y: 480 }, 1280, Math.PI, 128),
      squareCrop({ x: 300, y: 300 }, 500, 1, 128),
      squareCrop({ x: 1270, y: 950 }, 60, 2, 128),
    ] as const;
    const source: PixelSource = pixelPicture(noise(8, { height: 960, width: 1280 }));
    const onKernels = { ...source, resampler };
    const expected = views.map((view) => warp(source, view, 128, 128).data);
    fc.assert(
      fc.property(fc.array(fc.nat(views.length - 1), { maxLength: 12 }), (order) => {
        for (const i of order) {
          const actual = warp(onKernels, views[i] as Affine, 128, 128).data;
          expect(maxDifference(actual, expected[i] as Uint8ClampedArray), `${order}`).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 20 },
    );
  });

  test.each([
    [1, 1],
    [1, 7],
    [7, 1],
    [2, 3],
  ])('agrees with JavaScript on a picture of %i×%i pixels', (width, height) => {
    const tiny: PixelSource = pixelPicture(noise(9, { height, width }));
    expectSameCrop(tiny, resampler, squareCrop({ x: width / 2, y: height / 2 }, 8, 0.5, 12), 12);
    expectSameCrop(tiny, resampler, squareCrop({ x: 0, y: 0 }, 1e11, 0, 12), 12);
  });

  test('does not overflow the 16-bit sums of the largest block', () => {
    const data = new Uint8ClampedArray(600 * 523 * 4).fill(255);
    const white: PixelSource = pixelPicture({ width: 600, height: 523, data });
    const crop = warp({ ...white, resampler }, squareCrop({ x: 300, y: 261.5 }, 515, 0, 2), 2, 2).data;
    expect([...crop]).toEqual(Array(16).fill(255));
  });

  test('agrees with JavaScript on a picture that is read in strips', () => {
    const large: PixelSource = pixelPicture(noise(6, { height: 1100, width: 2100 }));
    expectSameCrop(large, resampler, squareCrop({ x: 1050, y: 550 }, 2100, 0, 40), 40);
    expectSameCrop(large, resampler, squareCrop({ x: 900, y: 300 }, 1500, 1, 40), 40);
    expectSameCrop(large, resampler, squareCrop({ x: 2090, y: 10 }, 50, 2, 40), 40);
  });

  test('reads pixels again that were overwritten and opened as a new picture', () => {
    const pixels = noise(7, { height: 20, width: 20 });
    for (const value of [10, 200]) {
      pixels.data.fill(value);
      const crop = warp({ ...pixelPicture(pixels), resampler }, squareCrop({ x: 10, y: 10 }, 20, 0, 20), 20, 20);
      expect([...crop.data.subarray(0, 4)]).toEqual([value, value, value, 255]);
    }
  });

  test('reads a region once for several views of it', () => {
    const source = { ...picture, resampler, read: vi.fn(picture.read) };
    for (const roll of [0, 1, 2]) warp(source, squareCrop({ x: 65, y: 45 }, 300, roll, 40), 40, 40);
    expect(source.read).toHaveBeenCalledTimes(1);
  });
});
