import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type DlibNumbers,
  pythonProblem,
  referenceFolder,
  runPython,
  storedDlibNumbers,
} from '../../../support/classical-reference.ts';

const opencvData = '/usr/share/opencv4';
const problem = pythonProblem || (existsSync(opencvData) ? '' : `${opencvData} is missing (opencv-data of Debian)`);
const minutes = 60_000;

describe.skipIf(problem)(`the numbers in the repository${problem && ` (skipped: ${problem})`}`, () => {
  const photo = join(referenceFolder, 'photo.png');

  test('of dlib are those that dlib computes', { timeout: 15 * minutes }, () => {
    const anew = JSON.parse(runPython([join(referenceFolder, 'dlib_numbers.py'), photo])) as DlibNumbers;
    expectClose(anew, storedDlibNumbers());
  });

  test('of OpenCV are those that OpenCV computes', { timeout: 5 * minutes }, () => {
    const anew = JSON.parse(runPython([join(referenceFolder, 'opencv_numbers.py'), photo, opencvData]));
    expect(anew).toEqual(JSON.parse(readFileSync(join(referenceFolder, 'opencv.json'), 'utf8')));
  });
});

/** Compares all numbers within 10⁻³, and all other values exactly, except the versions. */
function expectClose(actual: unknown, expected: unknown, path = ''): void {
  if (typeof expected === 'number') {
    expect(Math.abs((actual as number) - expected), path).toBeLessThan(1e-3);
  } else if (typeof expected === 'object' && expected !== null) {
    const [a, b] = [actual as Record<string, unknown>, expected as Record<string, unknown>];
    expect(Object.keys(a), path).toEqual(Object.keys(b));
    for (const key of Object.keys(b)) {
      if (key !== 'versions') expectClose(a[key], b[key], `${path}/${key}`);
    }
  } else {
    expect(actual, path).toBe(expected);
  }
}
