import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readModel } from '../../../../cli/convert/read-model.ts';
import { readTorchFile } from '../../../../cli/convert/readers/pytorch/torch-file.ts';
import { graphOfStateDict } from '../../../../cli/convert/state-dicts/graph-of-state-dict.ts';
import { errorCodeOf } from '../../../support/error-code.ts';
import { conversionData, crop, maxDifference, resized, rgb, runOnKernels } from './support/run-converted.ts';

const read = (name: string) => new Uint8Array(readFileSync(new URL(name, conversionData)));
const answers = JSON.parse(readFileSync(new URL('answers.json', conversionData), 'utf8')) as Record<string, number[][]>;

/** Files that test/reference/conversion/state_dicts.py --large wrote, and facenet-pytorch's own R-Net and O-Net. */
const large = process.env.FACENET_PYTORCH_FILES;

describe('a state dict, compared with PyTorch on a real crop,', () => {
  test.each([
    ['mobilefacenet.pt', 'mobilefacenet.pt'],
    ['mobilefacenet-torchscript.pt', 'mobilefacenet.pt'],
    ['ir.pth', 'ir.pth'],
    ['ir-se.safetensors', 'ir-se.safetensors'],
    ['adaface.pt', 'adaface.pt'],
    ['iresnet.pt', 'iresnet.pt'],
  ])('%s has the embedding of its module', async (file, answer) => {
    const model = await readModel(file, read(file), undefined);
    const { embedding = [] } = await runOnKernels(model, [crop(1)], rgb(112, 112, 127.5));
    const [expected = []] = answers[answer] as [number[]];
    expect(maxDifference(embedding, expected)).toBeLessThan(1e-4);
  });

  test('is read from a Buffer of Node at any address, whose slices share its memory', async () => {
    const file = read('mobilefacenet.pt');
    const buffer = Buffer.from(new ArrayBuffer(file.length + 1), 1);
    buffer.set(file);
    const model = await readModel('mobilefacenet.pt', buffer, undefined);
    const { embedding = [] } = await runOnKernels(model, [crop(1)], rgb(112, 112, 127.5));
    const [expected = []] = answers['mobilefacenet.pt'] as [number[]];
    expect(maxDifference(embedding, expected)).toBeLessThan(1e-4);
  });

  test('pnet.pt of facenet-pytorch has the boxes and scores of its module', async () => {
    const model = await readModel('pnet.pt', read('pnet.pt'), undefined);
    const { boxes = [], scores = [] } = await runOnKernels(model, [resized(crop(1), 12)], rgb(12, 12, 128));
    const [expectedBoxes = [], expectedScores = []] = answers['pnet.pt'] as [number[], number[]];
    expect(maxDifference(boxes, expectedBoxes)).toBeLessThan(1e-4);
    expect(maxDifference(scores, expectedScores)).toBeLessThan(1e-4);
  });

  test.skipIf(!['rnet.pt', 'onet.pt'].every((name) => existsSync(join(String(large), name))))(
    'rnet.pt and onet.pt have the answers of their modules (needs FACENET_PYTORCH_FILES)',
    async () => {
      for (const [name, size] of [
        ['rnet.pt', 24],
        ['onet.pt', 48],
      ] as const) {
        const model = await readModel(name, new Uint8Array(readFileSync(join(String(large), name))), undefined);
        const outputs = await runOnKernels(model, [resized(crop(1), size)], rgb(size, size, 128));
        const order = name === 'rnet.pt' ? ['boxes', 'scores'] : ['boxes', 'landmarks', 'scores'];
        order.forEach((output, i) => {
          expect(maxDifference(outputs[output] ?? [], answers[name]?.[i] ?? []), output).toBeLessThan(1e-4);
        });
      }
    },
  );

  const inception = join(String(large), 'inception.pt');
  test.skipIf(!existsSync(inception) || !existsSync(join(String(large), 'inception.json')))(
    'InceptionResnetV1 with a classifier has its embedding (needs FACENET_PYTORCH_FILES)',
    async () => {
      const model = await readModel('inception.pt', new Uint8Array(readFileSync(inception)), undefined);
      const [output = ''] = model.outputs;
      const outputs = await runOnKernels(model, [resized(crop(1), 160)], rgb(160, 160, 128));
      const embedding = outputs[output] as Float32Array;
      const length = Math.hypot(...embedding);
      const [expected = []] = JSON.parse(readFileSync(join(String(large), 'inception.json'), 'utf8')) as [number[]];
      expect(
        maxDifference(
          embedding.map((value) => value / length),
          expected,
        ),
      ).toBeLessThan(1e-4);
    },
  );
});

/** Networks of full size, as state_dicts.py --large wrote them: the size and the divisor of their images. */
const fullSize = [
  ['inception.onnx', 160, 128],
  ['ir-50.pt', 112, 127.5],
  ['ir-50.onnx', 112, 127.5],
] as const;

const fullSizeFiles = [...fullSize.map(([file]) => file), 'inception.json', 'ir-50.json'];

describe.skipIf(!fullSizeFiles.every((file) => existsSync(join(String(large), file))))(
  'a network of full size, on the kernels (needs FACENET_PYTORCH_FILES),',
  () => {
    test.each(fullSize)(
      '%s has the embedding of its module',
      async (file, size, divisor) => {
        const model = await readModel(file, new Uint8Array(readFileSync(join(String(large), file))), undefined);
        const outputs = await runOnKernels(model, [resized(crop(1), size)], rgb(size, size, divisor));
        const answer = file.replace(/\.\w+$/, '.json');
        const [expected = []] = JSON.parse(readFileSync(join(String(large), answer), 'utf8')) as [number[]];
        const scale = Math.max(...expected.map(Math.abs));
        const difference = maxDifference(outputs[model.outputs[0] ?? ''] as Float32Array, expected);
        expect(difference / scale).toBeLessThan(1e-4);
      },
      120_000,
    );
  },
);

describe('a state dict that fits no layout', () => {
  const tensors = readTorchFile(read('ir.pth'));

  test('is refused with its missing, surplus and misshapen tensors', async () => {
    const changed = new Map(tensors);
    changed.delete('body.1.res_layer.0.weight');
    changed.set('other', { shape: [1], values: new Float32Array(1) });
    changed.set('input_layer.1.weight', { shape: [9], values: new Float32Array(9) });
    const refuse = () => graphOfStateDict(changed);
    expect(refuse).toThrow(/missing \(1\):\n {2}body\.1\.res_layer\.0\.weight/);
    expect(refuse).toThrow(/surplus \(1\):\n {2}other/);
    expect(refuse).toThrow(/input_layer\.1\.weight is 9 instead of 4/);
    expect(await errorCodeOf(Promise.resolve().then(refuse))).toBe('model-file-unsupported');
  });

  test('of an unknown kind is refused with the known layouts', () => {
    const unknown = new Map([['encoder.0.weight', { shape: [2, 2], values: new Float32Array(4) }]]);
    expect(() => graphOfStateDict(unknown)).toThrow(/InceptionResnetV1 \(facenet-pytorch\)/);
  });
});
