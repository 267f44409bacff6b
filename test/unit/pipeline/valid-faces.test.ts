import { describe, expect, test } from 'vitest';
import type { Face } from '../../../lib/core/types.ts';
import { validFaces } from '../../../lib/pipeline/valid-faces.ts';

const face = { box: { x: 10, y: 10, width: 40, height: 50 }, score: 0.9, roll: 0 };

describe('a face that a caller hands in', () => {
  test('is taken as it is, alone or in a list, with a score or without', () => {
    const { score, ...unscored } = face;
    expect(validFaces(face as Face)).toEqual([face]);
    expect(validFaces([face, unscored] as Face[])).toEqual([face, unscored]);
  });

  test.each([
    ['a score that is NaN', { ...face, score: Number.NaN }],
    ['a score that is null', { ...face, score: null }],
    ['a score that is infinite', { ...face, score: Number.POSITIVE_INFINITY }],
    ['a score that is a text', { ...face, score: '0.9' }],
    ['a roll that is NaN', { ...face, roll: Number.NaN }],
    ['a roll that is null', { ...face, roll: null }],
    ['no roll', { box: face.box, score: 1 }],
    ['a box with NaN', { ...face, box: { ...face.box, x: Number.NaN } }],
    ['a box of no width', { ...face, box: { ...face.box, width: 0 } }],
    ['a box of impossible size', { ...face, box: { ...face.box, height: 1e308 } }],
    ['keypoints that are null', { ...face, keypoints: null }],
    ['keypoints that are a number', { ...face, keypoints: 7 }],
    ['a keypoint with NaN', { ...face, keypoints: { leftEye: { x: 1, y: Number.NaN } } }],
    ['landmarks that are null', { ...face, landmarks: null }],
    ['landmarks of a scheme that is none', { ...face, landmarks: { scheme: '__proto__', points: [] } }],
    ['landmarks that are too few', { ...face, landmarks: { scheme: 'ibug-68', points: [{ x: 1, y: 1 }] } }],
    ['null', null],
    ['a number', 7],
  ])('is refused as option-invalid with %s', (_, given) => {
    const refusal = expect.objectContaining({ code: 'option-invalid', message: expect.stringMatching(/: pass what /) });
    for (const faces of [given, [given], [face, given]]) expect(() => validFaces(faces as Face)).toThrow(refusal);
  });
});
