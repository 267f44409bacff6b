import { describe, expect, test } from 'vitest';
import type { Face, Landmarks } from '../../../lib/core/types.ts';
import type { DetectedFace, PictureDetector, SearchArea } from '../../../lib/detection/detector.ts';
import { apply, rotationOf } from '../../../lib/image/affine.ts';
import { pixelPicture } from '../../../lib/image/pixel-picture.ts';
import { faceOf } from '../../../lib/landmarks/bounds.ts';
import { detectorLandmarker } from '../../../lib/landmarks/detector-landmarker.ts';

const picture = pixelPicture({ width: 80, height: 60, data: new Uint8ClampedArray(80 * 60 * 4) });
const landmarksAt = (x: number): Landmarks => ({
  scheme: 'points-5',
  points: Array.from({ length: 5 }, () => ({ x, y: 30 })),
});
const face = (x: number, roll = 0): Face => ({ box: { x, y: 20, width: 20, height: 20 }, score: 1, roll });

/** A detector that finds given faces in every area, and a record of the areas. */
function finding(faces: DetectedFace[]) {
  const areas: (SearchArea & { minSize: number })[] = [];
  const detector: PictureDetector = {
    name: 'mtcnn',
    async search(_picture, area, minSize) {
      areas.push({ ...area, minSize });
      return faces;
    },
    dispose() {},
  };
  return { landmarker: detectorLandmarker(detector), areas };
}

test('faceOf takes the box of the detector that found the landmarks', () => {
  const box = { x: 1, y: 2, width: 30, height: 40 };
  expect(faceOf({ ...landmarksAt(10), box }).box).toEqual(box);
  expect(faceOf(landmarksAt(10)).box).toEqual({ x: 10, y: 30, width: 0, height: 0 });
});

describe('detectorLandmarker', () => {
  test('returns the landmarks that the detector found, without another search', async () => {
    const { landmarker, areas } = finding([]);
    const faces = [40, 10].map((x) => ({ ...face(x), landmarks: landmarksAt(x) }));
    expect(await landmarker.find(picture, faces)).toEqual([landmarksAt(40), landmarksAt(10)]);
    expect(areas).toEqual([]);
    expect(landmarker.name).toBe('mtcnn');
  });

  test('searches the surroundings of other faces, upright along their roll, and takes the nearest face', async () => {
    const found = [18, 32].map((x) => ({ ...face(x), landmarks: landmarksAt(x) }));
    const { landmarker, areas } = finding(found);
    expect(await landmarker.find(picture, [face(30, 0.5)])).toEqual([landmarksAt(32)]);
    const [area] = areas as [(typeof areas)[number]];
    expect([area.width, area.height, area.minSize]).toEqual([40, 40, 10]);
    expect(rotationOf(area.toSource)).toBeCloseTo(0.5, 12);
    expect(apply(area.toSource, { x: 20, y: 20 })).toEqual({ x: expect.closeTo(40, 9), y: expect.closeTo(30, 9) });
  });

  test('throws option-invalid if it finds no face there', async () => {
    const elsewhere = { ...face(60), landmarks: landmarksAt(60) };
    await expect(finding([elsewhere]).landmarker.find(picture, [face(10)])).rejects.toMatchObject({
      code: 'option-invalid',
    });
  });
});
