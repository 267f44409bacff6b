import { readFileSync } from 'node:fs';
import type { ModelDescriptor } from '../../lib/models/manifest.ts';
import { parseManifest } from '../../lib/models/manifest-schema.ts';
import { KernelRunner } from '../../lib/runtime/kernels/kernel-runner.ts';
import { readManifest } from '../kit/manifest.ts';
import { repositoryPath } from '../kit/paths.ts';
import { mutateBytes, mutateJson } from './mutate.ts';
import { errorCode, greyImage } from './node-checks.ts';
import { readOutcome } from './node-conversion-targets.ts';
import { type NodeTarget, nodeTarget, toBase64 } from './target.ts';

const readFile = (path: string) => readFileSync(repositoryPath(`public/models/${path}`));

const manifest = readManifest();
const kernels = WebAssembly.compile(readFile('engines/facenet-simd.wasm'));
const small = manifest.models.find(({ name }) => name === 'blazeface-short') as ModelDescriptor;
const smallModel = small.files.map(({ path }) => readFile(path)) as [Buffer, Buffer];
const smallJson = JSON.parse(smallModel[0].toString());

/** Manifests and model files. */
export const targets: Record<string, NodeTarget> = {
  manifest: nodeTarget<string>({
    limitMs: 2000,
    make: (random) => JSON.stringify(mutateJson(random, manifest)),
    async run(text) {
      try {
        parseManifest(JSON.parse(text), 'manifest.json');
        return 'answer';
      } catch (error) {
        return errorCode(error);
      }
    },
  }),
  // Any error is accepted: load() reports it as `backend-unavailable`, which the target "load" checks.
  graph: nodeTarget<{ json: string; weights: string }>({
    limitMs: 10_000,
    make: (random) =>
      random() < 0.7
        ? { json: JSON.stringify(mutateJson(random, smallJson)), weights: '' }
        : { json: '', weights: toBase64(mutateBytes(random, smallModel[1])) },
    async run({ json, weights }) {
      try {
        const files = {
          json: json ? new TextEncoder().encode(json) : Uint8Array.from(smallModel[0]),
          weights: Uint8Array.from(weights ? Buffer.from(weights, 'base64') : smallModel[1]),
        };
        const runner = await KernelRunner.start(small, files, await kernels);
        await runner.run([greyImage(small.preprocessing.width)]);
        runner.dispose();
        return 'answer';
      } catch (error) {
        if (error instanceof Error) return 'error';
        throw error;
      }
    },
  }),
  tflite: nodeTarget<string>({
    limitMs: 5000,
    make(random) {
      const file = readFile('mediapipe-blazeface-full/blazeface-full.tflite');
      // The tables are at the start and at the end of the file, and the weights, which any value suits, between them.
      const head = file.subarray(0, 4096);
      const changed = random() < 0.5 ? Buffer.concat([mutateBytes(random, head), file.subarray(4096)]) : undefined;
      const tail = file.length - 60_000;
      const whole = changed ?? Buffer.concat([file.subarray(0, tail), mutateBytes(random, file.subarray(tail))]);
      return toBase64(whole);
    },
    run: (base64) => readOutcome('blazeface-full.tflite', base64),
  }),
};
