import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { KernelRunner } from '../../../../lib/runtime/kernels/kernel-runner.ts';
import type { NetworkImage } from '../../../../lib/runtime/preprocess.ts';
import { endings } from './support/graph-endings.ts';
import { operators } from './support/graph-operators.ts';
import { compileKernels, supportedKernels } from './support/kernel-files.ts';
import { RandomGraph } from './support/random-graph.ts';
import { runReference } from './support/reference.ts';
import { runShared } from './support/sequential-threads.ts';
import { floatNoise, maxMagnitude, noise, relativeDifference } from './support/values.ts';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

/** Checks the kernels against TensorFlow.js, and several threads against one. */
async function expectAgreement(graph: RandomGraph, output: string, images: NetworkImage[]): Promise<void> {
  const model = graph.model(output);
  const { descriptor, files } = model;
  const [expected] = runReference(descriptor, files, images) as [Float32Array];
  // An output can be a small difference of large values; its rounding error is relative to those.
  const last = graph.model(graph.last.name);
  const [beforeOutput] = runReference(last.descriptor, last.files, images) as [Float32Array];
  const magnitude = Math.max(maxMagnitude(expected), maxMagnitude(beforeOutput));
  for (const name of supportedKernels) {
    const runner = await KernelRunner.start(descriptor, files, await compileKernels(name));
    // The second run starts with the memory that the first one left.
    for (let i = 0; i < 2; i++) {
      const [actual] = await runner.run(images);
      expect(relativeDifference(expected, actual as Float32Array, magnitude), name).toBeLessThan(1e-5);
    }
    if (name === 'facenet-simd') {
      const [onOneThread] = await runner.run(images);
      for (const threads of [2, 3, 7]) expect(await runShared(threads, model, images)).toEqual(onOneThread);
    }
    runner.dispose();
  }
}

describe('KernelRunner, compared with TensorFlow.js in plain JavaScript,', () => {
  test.each(Object.keys(operators))('agrees on random forms of the operator %s', async (operator) => {
    const side = fc.integer({ min: 5, max: 13 });
    await fc.assert(
      fc.asyncProperty(fc.integer(), side, side, async (seed, height, width) => {
        const graph = new RandomGraph(seed, height, width);
        operators.convolution?.(graph);
        operators[operator]?.(graph);
        await expectAgreement(graph, graph.last.name, [noise(seed, graph.inputSize)]);
      }),
      { numRuns: 25 },
    );
  });

  test('agrees on Winograd tiles at every position, for batches of 1 to 4', async () => {
    const side = fc.integer({ min: 4, max: 17 });
    await fc.assert(
      fc.asyncProperty(fc.integer(), side, side, fc.integer({ min: 1, max: 4 }), async (seed, height, width, count) => {
        const graph = new RandomGraph(seed, height, width);
        operators.winograd?.(graph);
        const images = Array.from({ length: count }, (_, i) => noise(seed + i, graph.inputSize));
        await expectAgreement(graph, graph.last.name, images);
      }),
      { numRuns: 60 },
    );
  });

  test('agrees on images of floats, alone and in a batch with bytes', async () => {
    const graph = new RandomGraph(7, 9, 12);
    operators.convolution?.(graph);
    const floats = floatNoise(8, graph.inputSize);
    await expectAgreement(graph, graph.last.name, [floats]);
    await expectAgreement(graph, graph.last.name, [noise(9, graph.inputSize), floats]);
  });

  test.each(Object.keys(endings))('agrees on random chains of operators that end in: %s', async (ending) => {
    const chain = fc.array(fc.constantFrom(...Object.keys(operators)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.integer(), chain, fc.integer({ min: 1, max: 4 }), async (seed, names, count) => {
        const graph = new RandomGraph(seed, 11, 9);
        operators.convolution?.(graph);
        for (const name of names) if (graph.last.height > 1 && graph.last.width > 1) operators[name]?.(graph);
        const output = endings[ending]?.(graph) as string;
        const images = Array.from({ length: count }, (_, i) => noise(seed + i, graph.inputSize));
        await expectAgreement(graph, output, images);
      }),
      { numRuns: 60 },
    );
  });
});
