import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readObjectDetector } from '../../../../../cli/convert/readers/dlib/object-detector.ts';
import { packHogModel, unpackHogModel } from '../../../../../lib/detection/classical/dlib/hog-model-file.ts';
import { searchHog } from '../../../../../lib/detection/classical/dlib/hog-search.ts';
import { type ByteImage, toByteImage } from '../../../../../lib/image/dlib/byte-image.ts';
import { doubled, fromDoubled } from '../../../../../lib/image/dlib/pyramid.ts';
import {
  dlibFile,
  type ReferenceDetection,
  referenceFolder,
  storedDlibNumbers,
} from '../../../../support/classical-reference.ts';
import { readPng } from '../../../../support/png.ts';

const numbers = storedDlibNumbers();
const photo = readPng(join(referenceFolder, 'photo.png'));

/** The photo in grey, with the weights of OpenCV's cvtColor in fixed point. */
function greyPhoto(): ByteImage {
  const { width, height, data } = photo;
  const grey = new Uint8Array(width * height);
  for (let i = 0; i < grey.length; i++) {
    const [red, green, blue] = data.subarray(4 * i, 4 * i + 3) as unknown as [number, number, number];
    grey[i] = (red * 9798 + green * 19235 + blue * 3735 + (1 << 14)) >> 15;
  }
  return { width, height, channels: 1, data: grey };
}

/** Compares boxes within a pixel and scores within 10⁻². */
function expectEqual(found: readonly ReferenceDetection[], expected: readonly ReferenceDetection[]): void {
  expect(found.length).toBe(expected.length);
  found.forEach((detection, i) => {
    const reference = expected[i] as ReferenceDetection;
    expect(detection.classifier).toBe(reference.classifier);
    expect(Math.abs(detection.score - reference.score)).toBeLessThan(0.01);
    detection.box.forEach((value, j) => {
      expect(Math.abs(value - (reference.box[j] as number))).toBeLessThanOrEqual(1);
    });
  });
}

async function detections(path: string, image: ByteImage, doublings: number): Promise<ReferenceDetection[]> {
  const model = unpackHogModel(packHogModel(readObjectDetector(readFileSync(path))));
  const searched = doublings === 0 ? image : doubled(image);
  return (await searchHog(searched, model, -0.5)).map(({ box, score, classifier }) => {
    const first = fromDoubled({ x: box.left, y: box.top }, doublings);
    const last = fromDoubled({ x: box.right, y: box.bottom }, doublings);
    return { box: [first.x, first.y, last.x, last.y], score, classifier };
  });
}

describe('the detections of a HOG detector equal those of dlib', () => {
  test('of a small one', async () => {
    expectEqual(await detections(join(referenceFolder, 'tiny.svm'), toByteImage(photo), 0), numbers.tiny);
  });

  const frontal = dlibFile('frontal_face_detector.svm');
  const cases: [string, ByteImage, number, ReferenceDetection[]][] = [
    ['in colour', toByteImage(photo), 0, numbers.hog],
    ['in colour, doubled', toByteImage(photo), 1, numbers.hogDoubled],
    ['in grey, doubled', greyPhoto(), 1, numbers.hogGrey],
  ];
  for (const [form, image, doublings, expected] of cases) {
    test.skipIf(!frontal)(`of dlib's frontal face detector, ${form}`, async () => {
      expectEqual(await detections(frontal as string, image, doublings), expected);
    });
  }
});
