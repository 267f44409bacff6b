import { describe, expect, test } from 'vitest';
import {
  type Candidate,
  corrected,
  cropOf,
  squared,
  suppressCandidates,
} from '../../../../../lib/detection/networks/mtcnn/candidates.ts';
import { apply } from '../../../../../lib/image/affine.ts';

const candidate = (left: number, top: number, right: number, bottom: number, score = 0.9): Candidate => ({
  left,
  top,
  right,
  bottom,
  score,
});

describe('suppressCandidates', () => {
  // 10 × 10 pixels each, 6 pixels apart: the intersection is 40, the union 160.
  const strong = candidate(0, 0, 10, 10, 0.9);
  const weak = candidate(6, 0, 16, 10, 0.8);
  const apart = candidate(30, 0, 40, 10, 0.95);

  test('keeps the strongest of candidates that overlap more than the limit, strongest first', () => {
    expect(suppressCandidates([weak, strong, apart], 0.2)).toEqual([apart, strong]);
    expect(suppressCandidates([weak, strong], 0.25)).toEqual([strong, weak]);
  });

  test('compares the intersection with the smaller area if told to', () => {
    const inside = candidate(2, 2, 4, 4, 0.8);
    expect(suppressCandidates([strong, inside], 0.7)).toEqual([strong, inside]);
    expect(suppressCandidates([strong, inside], 0.7, 'smaller')).toEqual([strong]);
  });
});

test('corrected moves each side by a fraction of the width or height', () => {
  expect(corrected(candidate(100, 200, 140, 280), [0.1, -0.1, -0.25, 0.5])).toEqual(candidate(104, 192, 130, 320));
  expect(corrected(candidate(0, 0, 41, 81), [0.5, 0.5, 0, 0], 40, 80)).toEqual(candidate(20, 40, 41, 81));
});

describe('squared', () => {
  test('takes the longer side about the centre', () => {
    expect(squared(candidate(100, 200, 140, 280))).toEqual(candidate(80, 200, 160, 280));
  });

  // rerec() and np.fix() of detect_face.py, which count pixels from 1: [101.3, 200.6, 139.9, 280.2] becomes
  // [80.8, 200.6, 160.4, 280.2], then [80, 200, 160, 280].
  test('truncates as the reference does', () => {
    expect(squared(candidate(100.3, 199.6, 139.9, 280.2))).toEqual(candidate(79, 199, 160, 280));
  });

  // [-5.3, -4.6, 4.9, 5.8], which is nearly square, becomes [-5.4, -4.6, 5, 5.8], then [-5, -4, 5, 5].
  test('truncates negative positions towards zero', () => {
    const { left, top, right, bottom } = squared(candidate(-6.3, -5.6, 4.9, 5.8));
    expect([left, top, right, bottom]).toEqual([-6, -5, 5, 5]);
  });
});

test('cropOf maps the crop to the rectangle', () => {
  const crop = cropOf(candidate(10, 20, 58, 116), 48);
  expect(apply(crop, { x: 0, y: 0 })).toEqual({ x: 10, y: 20 });
  expect(apply(crop, { x: 48, y: 48 })).toEqual({ x: 58, y: 116 });
});
