import { describe, expect, test } from 'vitest';
import type { Face } from '../../../lib/core/types.ts';
import { validFaces } from '../../../lib/pipeline/valid-faces.ts';

const face = { box: { x: 10, y: 10, width: 40, height: 50 }, score: 0.9, roll: 0 };

describe('validFaces()', () => {
  test('accepts a face or a list of faces, with or without a score', () => {
    const { score, ...unscored } = face;
    expect(validFaces(face as Face)).toEqual([face]);
    expect(validFaces([face, unscored] as Face[])).toEqual([face, unscored]);
  });

  test.each([
    ['a score of NaN', { ...face, score: Number.NaN }],
    ['a score of null', { ...face, score: null }],
    ['an infinite score', { ...face, score: Number.POSITIVE_INFINITY }],
    ['a score as a string', { ...face, score: '0.9' }],
    ['a roll of NaN', { ...face, roll: Number.NaN }],
    ['a roll of null', { ...face, roll: null }],
    ['no roll', { box: face.box, score: 1 }],
    ['a box with NaN', { ...face, box: { ...face.box, x: Number.NaN } }],
    ['a box without a width', { ...face, box: { ...face.box, width: 0 } }],
    ['a box of impossible size', { ...face, box: { ...face.box, height: 1e308 } }],
    ['keypoints of null', { ...face, keypoints: null }],
    ['a number as keypoints', { ...face, keypoints: 7 }],
    ['a keypoint with NaN', { ...face, keypoints: { leftEye: { x: 1, y: Number.NaN } } }],
    ['landmarks of null', { ...face, landmarks: null }],
    ['landmarks of an unknown scheme', { ...face, landmarks: { scheme: '__proto__', points: [] } }],
    ['too few landmarks', { ...face, landmarks: { scheme: 'ibug-68', points: [{ x: 1, y: 1 }] } }],
    ['null', null],
    ['a number', 7],
  ])('rejects %s with option-invalid', (_, given) => {
    const rejection = expect.objectContaining({
      code: 'option-invalid',
      message: expect.stringMatching(/: pass what /),
    });
    for (const faces of [given, [given], [face, given]]) expect(() => validFaces(faces as Face)).toThrow(rejection);
  });
});
