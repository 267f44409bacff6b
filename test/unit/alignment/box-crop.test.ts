import { expect, test } from 'vitest';
import { alignment } from '../../../lib/alignment/align.ts';
import type { Landmarks } from '../../../lib/core/types.ts';
import { apply } from '../../../lib/image/affine.ts';

const points = Array.from({ length: 5 }, (_, i) => ({ x: i, y: i }));
const landmarks: Landmarks = { scheme: 'points-5', points, box: { x: 100, y: 50, width: 128, height: 160 } };

test('the template facenet covers the box with a margin of 32 of 160 pixels, stretched to a square', () => {
  const transform = alignment(landmarks, 'facenet', 160);
  // 16 pixels of the crop on each side: 16 source pixels across, 20 down.
  expect(apply(transform, { x: 0, y: 0 })).toEqual({ x: 84, y: 30 });
  expect(apply(transform, { x: 160, y: 160 })).toEqual({ x: 244, y: 230 });
  expect(apply(transform, { x: 16, y: 16 })).toEqual({ x: 100, y: 50 });
});

test('a zoom scales it about the centre of the box', () => {
  const transform = alignment(landmarks, 'facenet', 160, 1.5);
  expect(apply(transform, { x: 80, y: 80 })).toEqual({ x: 164, y: 130 });
  expect(transform.a).toBeCloseTo(1.5, 12);
});

test.each([
  ['facenet', { scheme: 'points-5', points }, 'the box of MTCNN'],
  ['dlib', landmarks, 'have no point "rightEyeOuter"'],
] as const)('the template %s rejects landmarks that lack what it needs', (template, given, message) => {
  const rejection = expect.objectContaining({ code: 'option-invalid', message: expect.stringContaining(message) });
  expect(() => alignment(given as Landmarks, template, 160)).toThrow(rejection);
});
