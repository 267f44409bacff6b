import { describe, expect, test } from 'vitest';
import { commonRoll } from '../../../lib/detection/common-roll.ts';

const degrees = (angle: number) => (angle * Math.PI) / 180;

function facesWith(rolls: readonly number[], score = 0.9) {
  return rolls.map((roll, i) => ({ box: { x: 100 * i, y: 0, width: 50, height: 50 }, roll: degrees(roll), score }));
}

describe('the common roll of the heads in a picture', () => {
  test.each([
    ['the mean of a rotated photo', [80, 90, 100], 90],
    ['the mean of upside-down heads on both sides of 180°', [170, -170, 180], 180],
    ['the roll of the majority', [90, 100, 0], 95],
    ['0 for nearly upright heads', [-12, 5, 14], 0],
    ['0 if no roll is common to more than half', [90, 90, 0, 0], 0],
    ['0 for a single turned head', [180], 0],
    ['0 without faces', [], 0],
  ])('is %s', (_, rolls, expected) => {
    const difference = commonRoll(facesWith(rolls)) - degrees(expected);
    expect(Math.cos(difference)).toBeCloseTo(1, 6);
  });

  test('ignores detections that do not count as found', () => {
    expect(commonRoll([...facesWith([90, 90, 90], 0.4), ...facesWith([0])])).toBe(0);
  });
});
