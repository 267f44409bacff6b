import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readObjectDetector } from '../../../../cli/convert/readers/dlib/object-detector.ts';
import { readShapePredictor } from '../../../../cli/convert/readers/dlib/shape-predictor.ts';
import { alignedCrop } from '../../../../lib/alignment/align.ts';
import type { Box, Landmarks, Pixels } from '../../../../lib/core/types.ts';
import type { StartScorer } from '../../../../lib/detection/classical/dlib/hog-scorer.ts';
import { searchHog } from '../../../../lib/detection/classical/dlib/hog-search.ts';
import { wasmScorers } from '../../../../lib/detection/classical/dlib/wasm-scorer.ts';
import { detectMultiScale } from '../../../../lib/detection/classical/multi-scale.ts';
import { parseCascade } from '../../../../lib/detection/classical/opencv-cascade.ts';
import { searchMmod } from '../../../../lib/detection/networks/mmod/mmod-detector.ts';
import { toByteImage } from '../../../../lib/image/dlib/byte-image.ts';
import { toGrey } from '../../../../lib/image/grey.ts';
import { pixelPicture } from '../../../../lib/image/pixel-picture.ts';
import { forestLandmarker } from '../../../../lib/landmarks/classical/forest-landmarker.ts';
import type { MmodHead } from '../../../../lib/models/manifest.ts';
import {
  dlibFile,
  pythonProblem,
  type ReferenceDetection,
  referenceFolder,
  runPython,
} from '../../../support/classical-reference.ts';
import { loadDlibNetwork } from '../../../support/dlib-network.ts';
import { readPng } from '../../../support/png.ts';

/** The answers of the originals for one photo. */
interface PhotoNumbers {
  photo: string;
  hog: ReferenceDetection[];
  /** At half the size. */
  mmod: ReferenceDetection[];
  faces: {
    box: ReferenceDetection['box'];
    points5: [number, number][];
    points68: [number, number][];
    chip: number[];
    encoding: number[];
  }[];
  cascade: number[][];
}

const opencvData = '/usr/share/opencv4';
const frontalFace = join(opencvData, 'haarcascades/haarcascade_frontalface_default.xml');
const problem = pythonProblem || (existsSync(frontalFace) ? '' : `${frontalFace} is missing (opencv-data of Debian)`);
const samples = [1, 2, 3, 4, 5, 6].map((number) => `node_modules/@vladmandic/face-api/demo/sample${number}.jpg`);
const minutes = 60_000;

/** Boxes within a pixel, and scores within a tolerance. */
function expectDetections(
  found: readonly ReferenceDetection[],
  expected: readonly ReferenceDetection[],
  tolerance = 0.01,
): void {
  expect(found.length).toBe(expected.length);
  found.forEach(({ box, score }, i) => {
    const reference = expected[i] as ReferenceDetection;
    expect(Math.abs(score - reference.score)).toBeLessThan(tolerance);
    box.forEach((value, j) => {
      expect(Math.abs(value - (reference.box[j] as number))).toBeLessThanOrEqual(1);
    });
  });
}

const asReference = ({
  box,
  score,
}: {
  box: { left: number; top: number; right: number; bottom: number };
  score: number;
}) => ({
  box: [box.left, box.top, box.right, box.bottom] as ReferenceDetection['box'],
  score,
});

const boxOf = ([left, top, right, bottom]: ReferenceDetection['box']): Box => ({
  x: left,
  y: top,
  width: right - left + 1,
  height: bottom - top + 1,
});

describe.skipIf(problem)(`on the sample photos of full size${problem && ` (skipped: ${problem})`}`, () => {
  let folder = '';
  let numbers: PhotoNumbers[] = [];
  const photoOf = ({ photo }: { photo: string }): Pixels => readPng(join(folder, photo));

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'samples-'));
    numbers = JSON.parse(runPython([join(referenceFolder, 'sample_numbers.py'), folder, opencvData, ...samples]));
  }, 15 * minutes);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('dlib-hog finds the boxes of the frontal face detector', { timeout: 5 * minutes }, async () => {
    const model = readObjectDetector(readFileSync(dlibFile('frontal_face_detector.svm') as string));
    const start = (await wasmScorers()) as StartScorer;
    for (const photo of numbers) {
      const found = await searchHog(start(photoOf(photo), 0, model), model, -0.5);
      expectDetections(found.map(asReference), photo.hog);
    }
    expect(numbers.flatMap(({ faces }) => faces)).toHaveLength(20);
  });

  test('dlib-mmod finds the boxes of the CNN detector', { timeout: 10 * minutes }, async () => {
    const { loader, descriptor } = await loadDlibNetwork(dlibFile('mmod_human_face_detector.dat') as string);
    for (const { photo, mmod } of numbers) {
      const found = await searchMmod(
        toByteImage(photoOf({ photo: photo.replace('.png', '-half.png') })),
        ({ width, height }) => loader.loadForSize(descriptor, width, height),
        ('head' in descriptor ? descriptor.head : undefined) as MmodHead,
      );
      // Of two neighbouring windows the stronger one is kept. Their scores can differ by less than 10⁻³.
      expectDetections(found.map(asReference), mmod, 1e-4);
    }
    expect(numbers.flatMap(({ mmod }) => mmod).length).toBeGreaterThan(10);
    loader.dispose();
  });

  test.each([
    ['dlib-5', 'shape_predictor_5_face_landmarks.dat', 'points5'],
    ['ibug-68', 'shape_predictor_68_face_landmarks.dat', 'points68'],
  ] as const)('the points of %s are those of dlib', { timeout: 5 * minutes }, async (scheme, file, key) => {
    const predictor = readShapePredictor(new Uint8Array(readFileSync(dlibFile(file) as string)));
    const landmarker = forestLandmarker('dlib', scheme, predictor);
    const differences: number[] = [];
    for (const photo of numbers) {
      const picture = pixelPicture(photoOf(photo));
      const found = await landmarker.find(
        picture,
        photo.faces.map(({ box }) => ({ box: boxOf(box), score: 1, roll: 0 })),
      );
      found.forEach(({ points }, i) => {
        points.forEach(({ x, y }, j) => {
          const [expectedX, expectedY] = (photo.faces[i] as PhotoNumbers['faces'][number])[key][j] as [number, number];
          differences.push(Math.abs(x - expectedX), Math.abs(y - expectedY));
        });
      });
    }
    expect(Math.max(...differences)).toBe(0);
  });

  test('chips and encodings are those of dlib and face_recognition', { timeout: 10 * minutes }, async () => {
    const { loader, descriptor } = await loadDlibNetwork(
      dlibFile('dlib_face_recognition_resnet_model_v1.dat') as string,
    );
    const network = await loader.load(descriptor);
    for (const photo of numbers) {
      const picture = pixelPicture(photoOf(photo));
      const crops = photo.faces.map(({ points5 }) => {
        const landmarks: Landmarks = { scheme: 'dlib-5', points: points5.map(([x, y]) => ({ x, y })) };
        return alignedCrop(picture, landmarks, { template: 'dlib-chip', size: 150, zoom: 1 });
      });
      const outputs = await network.run(crops);
      photo.faces.forEach(({ chip, encoding }, i) => {
        expect(meanDifference(crops[i] as Pixels, chip)).toBeLessThan(2);
        const values = outputs[i]?.[0] as Float32Array;
        expect(Math.hypot(...encoding.map((value, j) => value - (values[j] as number)))).toBeLessThan(1e-3);
      });
    }
    loader.dispose();
  });

  test('viola-jones finds the rectangles of detectMultiScale', { timeout: 10 * minutes }, async () => {
    const cascade = parseCascade(readFileSync(frontalFace, 'utf8'));
    for (const photo of numbers) {
      const options = { scaleFactor: 1.1, minNeighbors: 3, minSize: 0 };
      const found = await detectMultiScale(cascade, toGrey(photoOf(photo)), options);
      const sorted = found.map(({ box }) => [box.x, box.y, box.width, box.height].join()).sort();
      expect(sorted).toEqual(photo.cascade.map((box) => box.join()).sort());
    }
  });
});

/** The mean difference of every tenth pixel of every tenth row. */
function meanDifference({ width, height, data }: Pixels, expected: readonly number[]): number {
  let [sum, count] = [0, 0];
  for (let y = 0; y < height; y += 10) {
    for (let x = 0; x < width; x += 10) {
      for (let channel = 0; channel < 3; channel++, count++) {
        sum += Math.abs((data[(y * width + x) * 4 + channel] as number) - (expected[count] as number));
      }
    }
  }
  return sum / count;
}
