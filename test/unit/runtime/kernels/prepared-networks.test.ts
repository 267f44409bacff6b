import { describe, expect, test } from 'vitest';
import type { Manifest, ModelDescriptor } from '../../../../lib/models/manifest.ts';
import { KernelRunner } from '../../../../lib/runtime/kernels/kernel-runner.ts';
import { Network } from '../../../../lib/runtime/network.ts';
import { selfCheckPixels } from '../../../../lib/runtime/preprocess.ts';
import type { ModelFiles } from '../../../../lib/runtime/runtime.ts';
import { compileKernels, readModelFile, supportedKernels } from './support/kernel-files.ts';
import { noise, relativeDifference } from './support/values.ts';

const manifest = JSON.parse(new TextDecoder().decode(readModelFile('manifest.json'))) as Manifest;
const graphModels = manifest.models
  .filter(({ engine }) => engine === 'tfjs')
  .map((model) => [model.name, model] as const);

async function loadNetwork(kernels: string, descriptor: ModelDescriptor): Promise<Network> {
  const [json, weights] = descriptor.files.map(({ path }) => readModelFile(path));
  const module = await compileKernels(kernels);
  const start = (model: ModelDescriptor, files: ModelFiles) => KernelRunner.start(model, files, module);
  return Network.load({ description: kernels, start }, descriptor, { json, weights } as ModelFiles);
}

describe.each(supportedKernels)('on the kernels %s', (kernels) => {
  test.each(graphModels)('%s passes its self-check, alone and in a batch', async (_, descriptor) => {
    const network = await loadNetwork(kernels, descriptor);
    expect(await network.check()).toBeUndefined();
    const image = selfCheckPixels(descriptor.preprocessing);
    const [alone] = await network.run([image]);
    const [, , inBatch] = await network.run([noise(1, image), noise(2, image), image]);
    inBatch?.forEach((values, i) => {
      expect(relativeDifference(alone?.[i] as Float32Array, values)).toBeLessThan(1e-6);
    });
    network.dispose();
  });
});
