import { readFileSync } from 'node:fs';
import { readModel } from '../../cli/convert/read-model.ts';
import { type WrittenTensor, writeOnnx } from '../../test/support/published/onnx-writer.ts';
import { repositoryPath } from '../kit/paths.ts';
import { hostileNumbers, int, mutateBytes, pick, type Random } from './mutate.ts';
import { errorCode } from './node-checks.ts';
import { type NodeTarget, nodeTarget, toBase64 } from './target.ts';

/** Files that PyTorch wrote, and one that it exported. */
const files = {
  onnx: 'node_modules/faceplugin-face-recognition-js/model/fr_eye.onnx',
  torch: 'test/reference/conversion/iresnet.pt',
  legacyTorch: 'test/reference/conversion/ir.pth',
  safetensors: 'test/reference/conversion/ir-se.safetensors',
};

/** A file of the onnx package with its weights beside it. */
const [externalModel, externalData] = ['external.onnx', 'external.bin'].map((name) =>
  readFileSync(repositoryPath(`test/reference/conversion/${name}`)),
) as [Buffer, Buffer];

/** The readers of model files. Every damaged file is converted, or refused with a code. */
export const targets: Record<string, NodeTarget> = {
  ...Object.fromEntries(Object.entries(files).map(([name, path]) => [name, conversionTarget(path)])),
  onnxExternal: nodeTarget<{ model: string; data: string }>({
    limitMs: 5000,
    make: (random) => ({
      model: toBase64(random() < 0.5 ? mutateBytes(random, externalModel) : externalOf(random)),
      data: toBase64(random() < 0.5 ? externalData : mutateBytes(random, externalData)),
    }),
    run: ({ model, data }) =>
      readOutcome('external.onnx', model, async () => new Uint8Array(Buffer.from(data, 'base64'))),
  }),
};

/** Paths and numbers about a tensor in another file that a model should not have. */
const hostilePaths = [
  'external.bin',
  './external.bin',
  '../external.bin',
  '/etc/hostname',
  'a/../../b',
  '.',
  '',
  'C:\\x',
];
const hostileOffsets = [...hostileNumbers, -48, 2568, 2616, 2 ** 40].map(String).concat('', '0x10', '1e3', ' 0', '٣');

/** A network whose filter is stated to be anywhere in a file beside it. */
function externalOf(random: Random): Uint8Array {
  const external = Object.fromEntries(
    Object.entries({
      location: pick(random, hostilePaths),
      offset: pick(random, hostileOffsets),
      length: random() < 0.5 ? '48' : pick(random, hostileOffsets),
    }).filter(() => random() < 0.8),
  );
  const shape = random() < 0.7 ? [4, 3, 1, 1] : [pick(random, hostileNumbers), 3, 1, 1].map(Math.trunc).map(finite);
  const type = pick(random, [1, 1, 1, 2, 3, 7, 10, 11, 16, int(random, 30)]);
  const w: WrittenTensor = { shape, type, external };
  return writeOnnx([{ op: pick(random, ['Conv', 'ConvTranspose', 'Add']), inputs: ['x', 'w'], output: 'y' }], { w });
}

function finite(value: number): number {
  return Number.isFinite(value) ? Math.min(value, 2 ** 53) : 0;
}

function conversionTarget(path: string): NodeTarget {
  return nodeTarget<string>({
    limitMs: 5000,
    make(random) {
      const file = readFileSync(repositoryPath(path));
      // The structure is at the start and at the end of the file, and the weights, which any value suits, between them.
      const split = random() < 0.5 ? Math.min(file.length, 8192) : Math.max(0, file.length - 16_384);
      const isHead = split <= 8192;
      const [head, tail] = [file.subarray(0, split), file.subarray(split)];
      return toBase64(Buffer.concat(isHead ? [mutateBytes(random, head), tail] : [head, mutateBytes(random, tail)]));
    },
    run: (base64) => readOutcome(path, base64),
  });
}

/**
 * Reads a model file, as every conversion does first.
 *
 * @param path its name, for messages.
 * @param base64 its contents.
 * @param readBeside reads files beside it.
 * @returns "answer" or the code of the error.
 * @throws any other error.
 */
export async function readOutcome(
  path: string,
  base64: string,
  readBeside?: (path: string) => Promise<Uint8Array>,
): Promise<string> {
  try {
    await readModel(path, new Uint8Array(Buffer.from(base64, 'base64')), undefined, { readBeside });
    return 'answer';
  } catch (error) {
    return errorCode(error);
  }
}
