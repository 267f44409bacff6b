import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readShapePredictor } from '../../../../cli/convert/readers/dlib/shape-predictor.ts';
import { pixelPicture } from '../../../../lib/image/pixel-picture.ts';
import { forestLandmarker } from '../../../../lib/landmarks/classical/forest-landmarker.ts';
import { packShapePredictor, unpackShapePredictor } from '../../../../lib/landmarks/classical/shape-predictor-file.ts';
import { dlibFile, referenceFolder, storedDlibNumbers } from '../../../support/classical-reference.ts';
import { readPng } from '../../../support/png.ts';

const { faces } = storedDlibNumbers();
const picture = pixelPicture(readPng(join(referenceFolder, 'photo.png')));

/** Compares points, which dlib rounds to whole pixels. Where a coordinate is nearly halfway between two, it may be either. */
function expectEqual(found: readonly (readonly number[])[][], expected: readonly (readonly number[])[][]): void {
  const differences = found.flat(2).map((value, i) => Math.abs(value - (expected.flat(2)[i] as number)));
  expect(found.flat().length).toBe(expected.flat().length);
  expect(Math.max(...differences)).toBeLessThanOrEqual(1);
  expect(differences.filter((difference) => difference > 0).length).toBeLessThanOrEqual(differences.length / 100);
}

/** The points that a predictor finds in the boxes of the reference, after storing it. */
async function pointsOf(path: string, scheme: 'dlib-5' | 'ibug-68') {
  const packed = packShapePredictor(readShapePredictor(readFileSync(path)));
  const landmarker = forestLandmarker('dlib', scheme, unpackShapePredictor(packed));
  const boxes = faces.map(({ box: [left, top, right, bottom] }) => ({
    box: { x: left, y: top, width: right - left + 1, height: bottom - top + 1 },
    score: 1,
    roll: 0,
  }));
  return (await landmarker.find(picture, boxes)).map(({ points }) => points.map(({ x, y }) => [x, y]));
}

describe('the points of a shape predictor equal those of dlib', () => {
  test('of a small one', async () => {
    expectEqual(
      await pointsOf(join(referenceFolder, 'tiny.dat'), 'dlib-5'),
      faces.map(({ tiny }) => tiny),
    );
  });

  const five = dlibFile('shape_predictor_5_face_landmarks.dat');
  test.skipIf(!five)('of shape_predictor_5_face_landmarks.dat', async () => {
    expectEqual(
      await pointsOf(five as string, 'dlib-5'),
      faces.map(({ points5 }) => points5),
    );
  });

  const sixtyEight = dlibFile('shape_predictor_68_face_landmarks.dat');
  test.skipIf(!sixtyEight)(
    'of shape_predictor_68_face_landmarks.dat',
    async () => {
      expectEqual(
        await pointsOf(sixtyEight as string, 'ibug-68'),
        faces.map(({ points68 }) => points68),
      );
    },
    60_000,
  );
});
