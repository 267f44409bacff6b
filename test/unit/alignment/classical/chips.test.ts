import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { alignedCrop } from '../../../../lib/alignment/align.ts';
import { chipTransform } from '../../../../lib/alignment/classical/dlib-chip.ts';
import { jitteredCopies } from '../../../../lib/alignment/classical/jitter.ts';
import type { CropFormat } from '../../../../lib/alignment/crop-format.ts';
import type { LandmarkScheme, Landmarks, Pixels } from '../../../../lib/core/types.ts';
import { apply } from '../../../../lib/image/affine.ts';
import { pixelPicture } from '../../../../lib/image/pixel-picture.ts';
import { referenceFolder, storedDlibNumbers } from '../../../support/classical-reference.ts';
import { readPng } from '../../../support/png.ts';

const { faces, jitteredChips } = storedDlibNumbers();
const picture = pixelPicture(readPng(join(referenceFolder, 'photo.png')));

/** Every tenth pixel of every tenth row, as the reference program takes them. */
function samples({ width, height, data }: Pixels): number[] {
  const values: number[] = [];
  for (let y = 0; y < height; y += 10) {
    for (let x = 0; x < width; x += 10) values.push(...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3));
  }
  return values;
}

function landmarks(scheme: LandmarkScheme, points: readonly (readonly [number, number])[]): Landmarks {
  return { scheme, points: points.map(([x, y]) => ({ x, y })) };
}

/** The largest and the mean difference of grey levels. */
function differences(crop: Pixels, expected: readonly number[]) {
  const values = samples(crop);
  expect(values.length).toBe(expected.length);
  const all = values.map((value, i) => Math.abs(value - (expected[i] as number)));
  return { max: Math.max(...all), mean: all.reduce((sum, value) => sum + value, 0) / all.length };
}

describe('crops equal those of the originals', () => {
  test.for([
    ['chip5', 'points5', 'dlib-5', { template: 'dlib-chip', size: 150, zoom: 1 }],
    ['chip68', 'points68', 'ibug-68', { template: 'dlib-chip', size: 200, zoom: 1, padding: 0.4 }],
    ['smallChip', 'points68', 'ibug-68', { template: 'dlib-chip', size: 30, zoom: 1, padding: 0.1 }],
  ] as const)('%s of dlib', ([chip, points, scheme, format]) => {
    for (const face of faces) {
      const crop = alignedCrop(picture, landmarks(scheme, face[points]), format satisfies CropFormat);
      expect(differences(crop, face[chip]).max).toBeLessThanOrEqual(1);
    }
  });

  test('the random copies that dlib makes first in a process', () => {
    const format: CropFormat = { template: 'dlib-chip', size: 150, zoom: 1 };
    const chip = alignedCrop(picture, landmarks('dlib-5', faces[0]?.points5 as [number, number][]), format);
    const copies = [...jitteredCopies(chip, jitteredChips.length)];
    copies.forEach((copy, i) => {
      expect(differences(copy, jitteredChips[i] as number[]).max).toBeLessThanOrEqual(2);
    });
  });

  test('that of imutils, within the rounding of fixed-point interpolation', () => {
    for (const { points68, aligned } of faces) {
      const format: CropFormat = { template: 'face-aligner', size: 256, zoom: 1 };
      const { mean } = differences(alignedCrop(picture, landmarks('ibug-68', points68), format), aligned);
      expect(mean).toBeLessThan(2);
    }
  });
});

describe('the template dlib', () => {
  test.each([
    [150, 0.25],
    [120, 0],
    [200, 0.6],
  ])('is dlib’s chip of %i pixels with the padding %d, resampled by the library', (size, padding) => {
    // The red of each pixel is its x, the green its y.
    const data = new Uint8ClampedArray(256 * 256 * 4);
    for (let i = 0; i < data.length; i += 4) data.set([(i / 4) % 256, Math.floor(i / 1024), 0, 255], i);
    const face = landmarks('dlib-5', [
      [160, 100],
      [140, 104],
      [90, 98],
      [112, 101],
      [125, 141],
    ]);
    const format = { template: 'dlib', size, zoom: 1, padding } as const;
    const crop = alignedCrop(pixelPicture({ width: 256, height: 256, data }), face, format);
    const toSource = chipTransform(face, size, padding);
    for (const [column, row] of [
      [size / 2, size / 2],
      [size / 3, size / 4],
      [size / 4, size / 1.5],
    ].map((position) => position.map(Math.floor)) as [number, number][]) {
      const { x, y } = apply(toSource, { x: column + 0.5, y: row + 0.5 });
      const at = (row * size + column) * 4;
      expect(Math.abs((crop.data[at] as number) - (x - 0.5))).toBeLessThanOrEqual(1);
      expect(Math.abs((crop.data[at + 1] as number) - (y - 0.5))).toBeLessThanOrEqual(1);
    }
  });
});
