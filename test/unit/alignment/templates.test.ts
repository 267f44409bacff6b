import { describe, expect, test } from 'vitest';
import { templates } from '../../../lib/alignment/templates.ts';
import type { Point } from '../../../lib/core/types.ts';

describe('templates', () => {
  test("dlib's template is (p + 0.25) / 1.5 for every point p of its mean face", () => {
    const meanFace = {
      rightEyeOuter: [0.1205750620789, 0.2137274526848],
      rightEyeInner: [0.3340850613712, 0.2290642403242],
      leftEyeInner: [0.6460604764104, 0.2289674387677],
      leftEyeOuter: [0.8595674595992, 0.2134981538014],
      noseBase: [0.4901123135679, 0.6277975316475],
    };
    expect(templates.dlib).toEqual(
      Object.fromEntries(
        Object.entries(meanFace).map(([name, [x = 0, y = 0]]) => [
          name,
          { x: expect.closeTo((x + 0.25) / 1.5, 12), y: expect.closeTo((y + 0.25) / 1.5, 12) },
        ]),
      ),
    );
  });

  test('ArcFace’s template is the published 112-pixel crop', () => {
    const published = [
      ['rightEye', 38.2946, 51.6963],
      ['leftEye', 73.5318, 51.5014],
      ['noseTip', 56.0252, 71.7366],
      ['rightMouthCorner', 41.5493, 92.3655],
      ['leftMouthCorner', 70.7299, 92.2041],
    ] as const;
    expect(Object.keys(templates.arcface).sort()).toEqual(published.map(([name]) => name).sort());
    for (const [name, x, y] of published) {
      expect((templates.arcface[name] as Point).x * 112).toBeCloseTo(x, 9);
      expect((templates.arcface[name] as Point).y * 112).toBeCloseTo(y, 9);
    }
  });

  test('have the right eye on the left side of the picture and the mouth below', () => {
    const { rightEye, leftEye, rightMouthCorner } = templates.arcface;
    expect((rightEye as Point).x).toBeLessThan((leftEye as Point).x);
    expect((rightMouthCorner as Point).y).toBeGreaterThan((rightEye as Point).y);
    expect((rightEye as Point).x * 112).toBeCloseTo(38.2946, 10);
  });
});
