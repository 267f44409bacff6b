import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { detectMultiScale } from '../../../../lib/detection/classical/multi-scale.ts';
import { parseCascade } from '../../../../lib/detection/classical/opencv-cascade.ts';
import { toGrey } from '../../../../lib/image/grey.ts';
import { referenceFolder } from '../../../support/classical-reference.ts';
import { readPng } from '../../../support/png.ts';

/** Debian's opencv-data. */
const opencvData = '/usr/share/opencv4';

interface Case {
  cascade: string;
  scaleFactor: number;
  minNeighbors: number;
  minSize: number;
  boxes: number[][];
}

const cases = JSON.parse(readFileSync(join(referenceFolder, 'opencv.json'), 'utf8')) as Case[];
const photo = toGrey(readPng(join(referenceFolder, 'photo.png')));

describe('the rectangles of a cascade are those of detectMultiScale of OpenCV', () => {
  for (const { cascade, boxes, ...options } of cases) {
    const path = join(cascade === 'old.xml' ? referenceFolder : opencvData, cascade);
    test.skipIf(!existsSync(path))(`${cascade}, ${JSON.stringify(options)}`, async () => {
      const found = await detectMultiScale(parseCascade(readFileSync(path, 'utf8')), photo, options);
      const sorted = found.map(({ box }) => [box.x, box.y, box.width, box.height]).sort(byNumbers);
      expect(sorted).toEqual(boxes);
    });
  }
});

function byNumbers(a: readonly number[], b: readonly number[]): number {
  const first = a.findIndex((value, i) => value !== b[i]);
  return first < 0 ? 0 : (a[first] as number) - (b[first] as number);
}
