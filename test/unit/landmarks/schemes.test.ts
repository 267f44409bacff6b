import { describe, expect, test } from 'vitest';
import { templates } from '../../../lib/alignment/templates.ts';
import type { LandmarkScheme, Landmarks, Point } from '../../../lib/core/types.ts';
import { type Anchor, anchor } from '../../../lib/landmarks/schemes.ts';

/** The schemes that have all anchors. */
type FullScheme = Exclude<LandmarkScheme, 'points-5' | 'dlib-5'>;

/** Points of each scheme on the subject's right side of the face, with their mirror images on the left. */
const pairs: Record<FullScheme, readonly (readonly [right: number, left: number])[]> = {
  // iBUG 300-W's figure: 36 to 41 around the right eye, 42 to 47 around the left one, 48 and 54 the mouth's corners.
  'ibug-68': [
    [36, 45],
    [37, 44],
    [38, 43],
    [39, 42],
    [40, 47],
    [41, 46],
    [48, 54],
  ],
  // MediaPipe's canonical face mesh.
  'mesh-468': [
    [33, 263],
    [133, 362],
    [160, 387],
    [158, 385],
    [153, 380],
    [144, 373],
    [61, 291],
  ],
  // InsightFace's 2d106markup.jpg.
  'insightface-106': [
    [35, 93],
    [41, 96],
    [42, 95],
    [39, 89],
    [37, 90],
    [36, 91],
    [52, 61],
  ],
};
const sizes: Record<FullScheme, number> = { 'ibug-68': 68, 'mesh-468': 468, 'insightface-106': 106 };
const middle: Record<FullScheme, readonly number[]> = {
  'ibug-68': [30, 33],
  'mesh-468': [1, 2],
  'insightface-106': [86, 80],
};
const anchors: readonly Anchor[] = [
  'rightEyeOuter',
  'rightEyeInner',
  'leftEyeInner',
  'leftEyeOuter',
  'rightEye',
  'leftEye',
  'noseTip',
  'noseBase',
  'rightMouthCorner',
  'leftMouthCorner',
];

/** A face that is symmetric about x = 0, unmirrored: the subject's right is on the left side of the picture. */
function symmetric(scheme: FullScheme): Landmarks {
  const points: Point[] = Array.from({ length: sizes[scheme] }, () => ({ x: Number.NaN, y: Number.NaN }));
  pairs[scheme].forEach(([right, left], i) => {
    points[right] = { x: -10 * (i + 1), y: 7 * i };
    points[left] = { x: 10 * (i + 1), y: 7 * i };
  });
  for (const index of middle[scheme]) points[index] = { x: 0, y: index };
  return { scheme, points };
}

describe('the anchors of points-5', () => {
  const points = [10, 20, 30, 40, 50].map((x) => ({ x, y: 1 }));
  const face: Landmarks = { scheme: 'points-5', points };

  test('are its points', () => {
    const names: Anchor[] = ['rightEye', 'leftEye', 'noseTip', 'rightMouthCorner', 'leftMouthCorner'];
    expect(names.map((name) => anchor(face, name))).toEqual(points);
  });

  test('lack the corners of the eyes and the base of the nose', () => {
    for (const name of anchors.filter((name) => /Outer|Inner|noseBase/.test(name))) {
      expect(() => anchor(face, name)).toThrow(expect.objectContaining({ code: 'option-invalid' }));
    }
  });
});

describe.each(['ibug-68', 'mesh-468', 'insightface-106'] as const)('the anchors of %s', (scheme) => {
  const face = symmetric(scheme);

  test('use only points of the eyes, the nose and the mouth', () => {
    for (const name of anchors) {
      const { x, y } = anchor(face, name);
      expect(Number.isFinite(x) && Number.isFinite(y), name).toBe(true);
    }
  });

  test.each([
    ['rightEye', 'leftEye'],
    ['rightEyeOuter', 'leftEyeOuter'],
    ['rightEyeInner', 'leftEyeInner'],
    ['rightMouthCorner', 'leftMouthCorner'],
  ] as const)('%s is the mirror image of %s, on the left side of the picture', (rightName, leftName) => {
    const [right, left] = [anchor(face, rightName), anchor(face, leftName)];
    expect(right.x).toBeLessThan(0);
    expect(left.x).toBeCloseTo(-right.x, 10);
    expect(left.y).toBeCloseTo(right.y, 10);
  });

  test('are the mean of six points for an eye, and one point for the nose', () => {
    expect(anchor(face, 'rightEye')).toEqual({ x: expect.closeTo(-35, 10), y: expect.closeTo(17.5, 10) });
    expect(anchor(face, 'noseTip')).toEqual({ x: 0, y: middle[scheme][0] });
    expect(anchor(face, 'noseBase')).toEqual({ x: 0, y: middle[scheme][1] });
  });

  test('include those of every template', () => {
    for (const template of Object.values(templates)) {
      for (const name of Object.keys(template) as Anchor[]) expect(anchors).toContain(name);
    }
  });
});
