import { describe, expect, test } from 'vitest';
import type { Face } from '../../../lib/core/types.ts';
import { detectFaces } from '../../../lib/detection/detect.ts';
import type { PictureDetector } from '../../../lib/detection/detector.ts';
import { rotationOf } from '../../../lib/image/affine.ts';
import { pixelPicture } from '../../../lib/image/pixel-picture.ts';

const picture = pixelPicture({ width: 80, height: 60, data: new Uint8ClampedArray(80 * 60 * 4) });

const face = (x: number, score: number, roll = 0): Face => ({ box: { x, y: 10, width: 10, height: 10 }, score, roll });

/** Finds faces with a detector that finds given ones by the turn of the area, in degrees. Records the searches. */
async function searched(found: Record<number, Face[]>, options: Partial<Parameters<typeof detectFaces>[2]> = {}) {
  const turns: number[] = [];
  const sizes: number[] = [];
  const detector: PictureDetector = {
    name: 'turned faces',
    async search(_picture, { toSource }, minSize) {
      const turn = Math.round((rotationOf(toSource) * 180) / Math.PI);
      turns.push(turn);
      sizes.push(minSize);
      return found[turn] ?? [];
    },
    dispose() {},
  };
  const limits = { minScore: 0.5, maxFaces: 10, thorough: false, minSize: { pixels: 20, share: 0.01 } };
  const detectors = { detector, refiner: undefined, presenceScorer: undefined };
  return { faces: await detectFaces(picture, detectors, { ...limits, ...options }), turns, sizes };
}

describe('detectFaces with a detector that searches whole pictures', () => {
  test('searches the upright picture only, if it has a face', async () => {
    const { faces, turns, sizes } = await searched({ 0: [face(0, 0.9), face(30, 0.95)] });
    expect(faces.map(({ score }) => score)).toEqual([0.95, 0.9]);
    expect(turns).toEqual([0]);
    expect(sizes).toEqual([20]);
  });

  test('passes the larger of both limits of the size', async () => {
    expect((await searched({ 0: [face(0, 1)] }, { minSize: { pixels: 8, share: 0.25 } })).sizes).toEqual([20]);
  });

  test('applies minScore and maxFaces', async () => {
    const found = { 0: [face(0, 0.6), face(20, 0.8), face(40, 0.9)] };
    expect((await searched(found, { minScore: 0.7 })).faces).toHaveLength(2);
    expect((await searched(found, { maxFaces: 1 })).faces.map(({ score }) => score)).toEqual([0.9]);
  });

  test('leaves out known faces', async () => {
    const { faces, turns } = await searched({ 0: [face(1, 0.9)] }, { known: [face(0, 1)] });
    expect(faces).toEqual([]);
    expect(turns).toEqual([0]);
  });

  test('searches turned pictures if it finds no face, and keeps the strongest of each head', async () => {
    const { faces, turns } = await searched({ 45: [face(0, 0.7, 0.8)], 90: [face(1, 0.8, 1.2)] });
    expect(turns).toEqual([0, 45, -45, 90, -90]);
    expect(faces).toEqual([face(1, 0.8, 1.2)]);
  });

  test('searches upside-down pictures only if the search is thorough', async () => {
    expect((await searched({ 180: [face(0, 0.9, 3)] })).faces).toEqual([]);
    const { faces, turns } = await searched({ 180: [face(0, 0.9, 3)] }, { thorough: true });
    expect(faces).toHaveLength(1);
    expect(turns).toHaveLength(8);
  });

  test('searches the turn of a rolled head for others, if the search is thorough', async () => {
    const found = { 0: [face(0, 0.9, 0.9)], 45: [face(0, 0.99, 0.8), face(40, 0.8, 0.8)] };
    const { faces, turns } = await searched(found, { thorough: true });
    expect(turns).toEqual([0, 45]);
    // The face that the upright search found stays as it is.
    expect(faces).toEqual([face(0, 0.9, 0.9), face(40, 0.8, 0.8)]);
  });
});
