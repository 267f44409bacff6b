import { describe, expect, test } from 'vitest';
import { KernelRunner } from '../../../../lib/runtime/kernels/kernel-runner.ts';
import { instantiateKernels } from '../../../../lib/runtime/kernels/wasm/instantiate.ts';
import { compileKernels } from './support/kernel-files.ts';
import { largeModel } from './support/large-model.ts';
import { runShared } from './support/sequential-threads.ts';
import { maxMagnitude, noise } from './support/values.ts';

const mebibyte = 2 ** 20;

describe('the shared memory of the kernels', () => {
  test('ends at 256 MiB unless a network needs more', async () => {
    const module = await compileKernels('facenet-simd-threads');
    const { memory } = await instantiateKernels(module, 100 * mebibyte);
    expect(() => memory.grow(256 * 16)).toThrow(RangeError);
    memory.grow(256 * 16 - 1);
    expect(memory.buffer.byteLength).toBe(256 * mebibyte);
  });

  test('ends where a larger network needs it to, and at 1 GiB', async () => {
    const module = await compileKernels('facenet-simd-threads');
    const { memory } = await instantiateKernels(module, 300 * mebibyte);
    expect(() => memory.grow(300 * 16)).toThrow(RangeError);
    memory.grow(300 * 16 - 1);
    const { memory: largest } = await instantiateKernels(module, 4096 * mebibyte);
    expect(() => largest.grow(1024 * 16)).toThrow(RangeError);
  });

  test('holds a network whose filters exceed 256 MiB, with the answers of one thread', async () => {
    const model = largeModel();
    const images = [noise(1, model.size)];
    const runner = await KernelRunner.start(model.descriptor, model.files, await compileKernels('facenet-simd'));
    const [expected] = (await runner.run(images)) as [Float32Array];
    expect(maxMagnitude(expected)).toBeGreaterThan(0.1);
    expect(await runShared(2, model, images)).toEqual(expected);
    runner.dispose();
  }, 60_000);
});
