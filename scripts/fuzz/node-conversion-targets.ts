import { readFileSync } from 'node:fs';
import { readModel } from '../../cli/convert/read-model.ts';
import { repositoryPath } from '../kit/paths.ts';
import { mutateBytes } from './mutate.ts';
import { errorCode } from './node-checks.ts';
import { type NodeTarget, nodeTarget, toBase64 } from './target.ts';

/** Files that PyTorch wrote, and one that it exported. */
const files = {
  onnx: 'node_modules/faceplugin-face-recognition-js/model/fr_eye.onnx',
  torch: 'test/reference/conversion/iresnet.pt',
  legacyTorch: 'test/reference/conversion/ir.pth',
  safetensors: 'test/reference/conversion/ir-se.safetensors',
};

/** The readers of model files. Every damaged file is converted, or refused with a code. */
export const conversionTargets: Record<string, NodeTarget> = Object.fromEntries(
  Object.entries(files).map(([name, path]) => [name, conversionTarget(path)]),
);

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
    async run(base64) {
      try {
        await readModel(path, new Uint8Array(Buffer.from(base64, 'base64')), undefined);
        return 'answer';
      } catch (error) {
        return errorCode(error);
      }
    },
  });
}
