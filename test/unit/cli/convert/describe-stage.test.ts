import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { convertModel } from '../../../../cli/convert/convert-model.ts';
import { describeDetector, describeLandmarker } from '../../../../cli/convert/describe-stage.ts';
import { kernelGaps } from '../../../../cli/convert/kernel-support.ts';
import { detectionPresets } from '../../../../cli/convert/presets/detection-presets.ts';
import { landmarkPresets } from '../../../../cli/convert/presets/landmark-presets.ts';
import { readModel } from '../../../../cli/convert/read-model.ts';
import { expectedOutputs } from '../../../../cli/convert/self-check.ts';
import { seeded } from '../../../../lib/core/random.ts';
import { anchorDecoder } from '../../../../lib/detection/networks/anchors/decode-anchors.ts';
import { byScore } from '../../../../lib/detection/suppression.ts';
import type {
  AnchorHead,
  DetectionDescriptor,
  LandmarksDescriptor,
  Manifest,
} from '../../../../lib/models/manifest.ts';
import { parseManifest } from '../../../../lib/models/manifest-schema.ts';
import { selfCheckPixels, toInput } from '../../../../lib/runtime/preprocess.ts';
import { errorCodeOf } from '../../../support/error-code.ts';
import { writeOnnx } from '../../../support/published/onnx-writer.ts';

// The files with random weights and the recorded numbers are from test/reference/detector_files.py.
const recorded = JSON.parse(readFileSync('test/reference/detector-files.json', 'utf8')) as {
  width: number;
  height: number;
  yunet: number[][];
  scrfd: { name: string; length: number; every17th: number[] }[];
};
const source = { package: 'test', version: '1', files: [], conversion: '' };
const published = 'node_modules/faceplugin-face-recognition-js/model';

async function detector(path: string, preset: string) {
  const family = detectionPresets[preset] as (typeof detectionPresets)[string];
  const { width, height } = preset === 'scrfd' ? recorded : family.preprocessing;
  const read = await readModel(path, readFileSync(path), undefined, { defaultSize: { width, height } });
  const { descriptor, files } = await describeDetector({ name: preset, read, rule: undefined, source }, family);
  const { outputs } = await expectedOutputs(descriptor, files);
  return { descriptor: descriptor as Omit<DetectionDescriptor, 'files'>, files, outputs };
}

/** The manifest of a folder with one network. */
function manifestOf(descriptor: Omit<DetectionDescriptor, 'files'> | Omit<LandmarksDescriptor, 'files'>): Manifest {
  const file = { path: 'own/model.json', bytes: 1, sha256: '0'.repeat(64) };
  return { version: 1, models: [{ ...descriptor, files: [file, file] }], engines: [] } as Manifest;
}

/** The outputs of ONNX Runtime for the image of the self-check. */
async function runOnnx(path: string, { preprocessing }: Pick<DetectionDescriptor, 'preprocessing'>, channels: 1 | 3) {
  const { width, height } = preprocessing;
  const input = toInput([selfCheckPixels(preprocessing)], preprocessing);
  const pixels = width * height;
  const planes = Float32Array.from({ length: channels * pixels }, (_, i) => {
    const [r = 0, g = 0, b = 0] = input.subarray((i % pixels) * 3, (i % pixels) * 3 + 3);
    return channels === 3 ? ([r, g, b][Math.floor(i / pixels)] as number) : 0.299 * r + 0.587 * g + 0.114 * b;
  });
  const session = await InferenceSession.create(readFileSync(path));
  const results = await session.run({ input: new Tensor('float32', planes, [1, channels, height, width]) });
  return session.outputNames.map((name) => results[name]?.data as Float32Array);
}

function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] as number))));
}

test('a file for images of one size is refused with another size', async () => {
  const file = { name: 'fr_detect.onnx', bytes: readFileSync(`${published}/fr_detect.onnx`) };
  const call = convertModel(file, { preset: 'ultra-light-320', size: { width: 640, height: 480 } });
  await expect(call).rejects.toThrow('takes images of 320×240 pixels, and not of 640×480: omit --size');
  expect(await errorCodeOf(call)).toBe('option-invalid');
});

test('a file of the layout of YuNet finds the faces that OpenCV finds with it', async () => {
  const { descriptor, outputs } = await detector('test/reference/yunet-random.onnx', 'yunet');
  expect(descriptor.preprocessing).toMatchObject({ width: recorded.width, height: recorded.height, channels: 'bgr' });
  const faces = byScore(anchorDecoder('yunet', descriptor.head as AnchorHead, recorded)(outputs));
  expect(faces).toHaveLength(recorded.yunet.length);
  faces.forEach(({ box, score, keypoints }, i) => {
    const { rightEye, leftEye, noseTip, rightMouthCorner, leftMouthCorner } = keypoints ?? {};
    const points = [rightEye, leftEye, noseTip, rightMouthCorner, leftMouthCorner].flatMap((point) => [
      point?.x,
      point?.y,
    ]);
    const values = [box.x, box.y, box.width, box.height, ...points, score] as number[];
    expect(maxDifference(values, recorded.yunet[i] as number[]), `face ${i}, in pixels`).toBeLessThan(2e-3);
  });
});

test('a file of the layout of SCRFD for any size gets the size of the preset, and the outputs of ONNX Runtime', async () => {
  const { descriptor, outputs } = await detector('test/reference/scrfd-random.onnx', 'scrfd');
  expect(descriptor.preprocessing).toMatchObject({ width: recorded.width, height: recorded.height });
  expect((descriptor.head as AnchorHead).outputs).toEqual({
    scores: [0, 1, 2],
    boxes: [3, 4, 5],
    keypoints: [6, 7, 8],
  });
  expect(descriptor.outputs.map(({ name, shape }) => [name, shape])).toEqual(
    recorded.scrfd.map(({ name, length }) => [name, [-1, length]]),
  );
  recorded.scrfd.forEach(({ every17th }, i) => {
    const found = every17th.map((_, j) => outputs[i]?.[17 * j] as number);
    expect(maxDifference(found, every17th)).toBeLessThan(1e-4);
  });
});

test('another preset is refused with the outputs of the file', async () => {
  const file = 'test/reference/yunet-random.onnx';
  await expect(detector(file, 'retinaface-mobilenet')).rejects.toThrow('cls_8 with 320');
  await expect(detector(file, 'ultra-light-320')).rejects.toThrow('scores');
  await expect(detector(file, 'blazeface')).rejects.toThrow('160×128');
  await expect(detector('test/reference/scrfd-random.onnx', 'yunet')).rejects.toThrow('scores of stride 8');
});

describe('the published files of faceplugin-face-recognition-js', () => {
  test('fr_detect.onnx is Ultra-Light, runs on the kernels, and has the outputs of ONNX Runtime', async () => {
    const path = `${published}/fr_detect.onnx`;
    const { descriptor, files, outputs } = await detector(path, 'ultra-light-320');
    expect(descriptor.head).toMatchObject({ boxes: { encoding: 'corners' }, activation: 'none' });
    expect(parseManifest(manifestOf(descriptor), 'manifest.json').models).toHaveLength(1);
    expect(kernelGaps({ ...descriptor, files: [] }, files)).toEqual([]);
    const expected = await runOnnx(path, descriptor, 3);
    expected.forEach((output, i) => {
      expect(maxDifference(output, outputs[i] as Float32Array)).toBeLessThan(1e-3);
    });
  });

  test('fr_landmark.onnx takes the luma of the crop, and has the outputs of ONNX Runtime', async () => {
    const path = `${published}/fr_landmark.onnx`;
    const preset = landmarkPresets['faceplugin-68'] as (typeof landmarkPresets)[string];
    const read = await readModel(path, readFileSync(path), undefined);
    const file = { name: 'faceplugin-68', read, rule: undefined, source };
    const { descriptor, files } = await describeLandmarker(file, preset, 68);
    expect(parseManifest(manifestOf(descriptor), 'manifest.json').models).toHaveLength(1);
    const { outputs } = await expectedOutputs(descriptor, files);
    const [expected] = await runOnnx(path, descriptor, 1);
    expect(maxDifference(expected as Float32Array, outputs[0] as Float32Array)).toBeLessThan(1e-3);
    await expect(describeLandmarker(file, preset, 106)).rejects.toThrow('212 values');
  });
});

test("MediaPipe's file of BlazeFace gets the head of the shipped one", async () => {
  const path = 'node_modules/@mediapipe/face_detection/face_detection_short_range.tflite';
  const { descriptor } = await detector(path, 'blazeface');
  const { models } = JSON.parse(readFileSync('public/models/manifest.json', 'utf8')) as Manifest;
  const shipped = models.find(({ name }) => name === 'blazeface-short') as DetectionDescriptor;
  expect(descriptor.head).toEqual(shipped.head);
  expect(descriptor.closeUp).toBe('blazeface');
  expect(descriptor.outputs.map(({ shape }) => shape[1])).toEqual([896 * 16, 896]);
});

test.each([
  [true, [0, 0, 0], [1, 1, 1]],
  [false, [127.5, 127.5, 127.5], [128, 128, 128]],
])('insightface-2d106 leaves the pixels to a network that normalises them itself: %s', async (isOwn, mean, std) => {
  const random = seeded(9);
  const noise = (...shape: number[]) => ({
    shape,
    floats: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() - 0.5),
  });
  const own = [
    { op: 'Sub', inputs: ['x', 'mean'], output: 's' },
    { op: 'Mul', inputs: ['s', 'factor'], output: 'm' },
  ];
  const bytes = writeOnnx(
    [
      ...(isOwn ? own : []),
      { op: 'Conv', inputs: [isOwn ? 'm' : 'x', 'w'], output: 'c', attributes: { strides: [64, 64] } },
      { op: 'Flatten', inputs: ['c'], output: 'f' },
      { op: 'Gemm', inputs: ['f', 'v'], output: 'y', attributes: { transB: 1 } },
    ],
    {
      ...(isOwn && { mean: { shape: [1], floats: [127.5] }, factor: { shape: [1], floats: [1 / 128] } }),
      w: noise(4, 3, 3, 3),
      v: noise(212, 36),
    },
    { input: [1, 3, 192, 192] },
  );
  const read = await readModel('2d106det.onnx', bytes, undefined);
  const preset = landmarkPresets['insightface-2d106'] as (typeof landmarkPresets)[string];
  const { descriptor } = await describeLandmarker({ name: 'own', read, rule: undefined, source }, preset, 106);
  expect(descriptor.preprocessing).toMatchObject({ mean, std });
  expect(descriptor.outputs.map(({ shape }) => shape)).toEqual([[-1, 212]]);
});
