import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readObjectDetector } from '../../../../../cli/convert/readers/dlib/object-detector.ts';
import { seeded } from '../../../../../lib/core/random.ts';
import type { Pixels } from '../../../../../lib/core/types.ts';
import type { DlibHogModel } from '../../../../../lib/detection/classical/dlib/hog-model.ts';
import { packHogModel, unpackHogModel } from '../../../../../lib/detection/classical/dlib/hog-model-file.ts';
import { hogModule } from '../../../../../lib/detection/classical/dlib/hog-module.ts';
import type { HogScorer, StartScorer } from '../../../../../lib/detection/classical/dlib/hog-scorer.ts';
import { searchHog } from '../../../../../lib/detection/classical/dlib/hog-search.ts';
import { javascriptScorer } from '../../../../../lib/detection/classical/dlib/javascript-scorer.ts';
import { wasmScorers } from '../../../../../lib/detection/classical/dlib/wasm-scorer.ts';
import { fromDoubled } from '../../../../../lib/image/dlib/pyramid.ts';
import { compileHogKernels } from '../../../../../scripts/prepare/kernels.ts';
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
function greyPhoto(): Pixels {
  const grey = photo.data.slice();
  for (let i = 0; i < grey.length; i += 4) {
    const [red, green, blue] = photo.data.subarray(i, i + 3) as unknown as [number, number, number];
    grey.fill((red * 9798 + green * 19235 + blue * 3735 + (1 << 14)) >> 15, i, i + 3);
  }
  return { ...photo, data: grey };
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

const tiny = readObjectDetector(readFileSync(join(referenceFolder, 'tiny.svm')));

/** All windows above a low score. */
const detectionsOf = (scorer: HogScorer, model: DlibHogModel) => searchHog(scorer, model, -3);

async function detections(
  path: string,
  image: Pixels,
  doublings: number,
  start: StartScorer,
): Promise<ReferenceDetection[]> {
  const model = unpackHogModel(packHogModel(readObjectDetector(readFileSync(path))));
  return (await searchHog(start(image, doublings, model), model, -0.5)).map(({ box, score, classifier }) => {
    const first = fromDoubled({ x: box.left, y: box.top }, doublings);
    const last = fromDoubled({ x: box.right, y: box.bottom }, doublings);
    return { box: [first.x, first.y, last.x, last.y], score, classifier };
  });
}

describe.each([
  ['WebAssembly', await wasmScorers()],
  ['plain JavaScript', javascriptScorer],
] as const)('the detections of a HOG detector equal those of dlib, by %s,', (_, start) => {
  test('of a small one', async () => {
    expectEqual(await detections(join(referenceFolder, 'tiny.svm'), photo, 0, start as StartScorer), numbers.tiny);
  });

  const frontal = dlibFile('frontal_face_detector.svm');
  const cases: [string, Pixels, number, ReferenceDetection[]][] = [
    ['in colour', photo, 0, numbers.hog],
    ['in colour, doubled', photo, 1, numbers.hogDoubled],
    ['in grey, doubled', greyPhoto(), 1, numbers.hogGrey],
  ];
  for (const [form, image, doublings, expected] of cases) {
    test.skipIf(!frontal)(`of dlib's frontal face detector, ${form}`, async () => {
      expectEqual(await detections(frontal as string, image, doublings, start as StartScorer), expected);
    });
  }
});

describe('the kernels of the HOG detector', () => {
  test('refuse a picture that does not fit into their memory before they double it', async () => {
    const start = (await wasmScorers()) as StartScorer;
    const side = 120;
    const picture = { width: side, height: side, data: new Uint8ClampedArray(side * side * 4) };
    // Doubled eight times, it has 944 million pixels. The memory ends at 4 GB.
    expect(() => start(picture, 8, tiny)).toThrow(
      expect.objectContaining({ code: 'option-invalid', cause: expect.any(RangeError) }),
    );
  });

  test('are compiled from assembly/hog', { timeout: 60_000 }, async () => {
    expect(hogModule).toBe((await compileHogKernels()).toString('base64'));
  });

  test.each([
    ['smaller than a window', 40, 30],
    ['of one row', 100, 1],
    ['of a width that is no multiple of 4', 131, 117],
  ])('score a picture %s as plain JavaScript does', async (_, width, height) => {
    const random = seeded(width);
    const data = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) => (i % 4 === 3 ? 255 : random() * 256));
    const [wasm, plain] = await Promise.all(
      [(await wasmScorers()) as StartScorer, javascriptScorer].map((start) =>
        detectionsOf(start({ width, height, data }, 1, tiny), tiny),
      ),
    );
    expect(wasm?.length).toBe(plain?.length);
    wasm?.forEach((detection, i) => {
      expect(detection.box).toEqual(plain?.[i]?.box);
      expect(detection.score).toBeCloseTo(plain?.[i]?.score as number, 4);
    });
  });
});
