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
    expect(await pointsOf(join(referenceFolder, 'tiny.dat'), 'dlib-5')).toEqual(faces.map(({ tiny }) => tiny));
  });

  const five = dlibFile('shape_predictor_5_face_landmarks.dat');
  test.skipIf(!five)('of shape_predictor_5_face_landmarks.dat', async () => {
    expect(await pointsOf(five as string, 'dlib-5')).toEqual(faces.map(({ points5 }) => points5));
  });

  const sixtyEight = dlibFile('shape_predictor_68_face_landmarks.dat');
  test.skipIf(!sixtyEight)(
    'of shape_predictor_68_face_landmarks.dat',
    async () => {
      expect(await pointsOf(sixtyEight as string, 'ibug-68')).toEqual(faces.map(({ points68 }) => points68));
    },
    60_000,
  );
});
