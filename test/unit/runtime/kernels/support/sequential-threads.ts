import { expect, vi } from 'vitest';
import type { ModelDescriptor } from '../../../../../lib/models/manifest.ts';
import { KernelRunner } from '../../../../../lib/runtime/kernels/kernel-runner.ts';
import { lowerModel } from '../../../../../lib/runtime/kernels/lowering/lower-model.ts';
import { neededBytes } from '../../../../../lib/runtime/kernels/memory-size.ts';
import type { ThreadGroup } from '../../../../../lib/runtime/kernels/threads/thread-pool.ts';
import { pageBytes } from '../../../../../lib/runtime/kernels/wasm/linear-memory.ts';
import { callKernel, type KernelCall, type Kernels } from '../../../../../lib/runtime/kernels/wasm/signatures.ts';
import type { NetworkImage } from '../../../../../lib/runtime/preprocess.ts';
import type { ModelFiles } from '../../../../../lib/runtime/runtime.ts';
import { compileKernels } from './kernel-files.ts';

/**
 * A thread group whose other threads' shares run on this thread, last share first: an order that no thread may depend
 * on.
 */
function sequentialThreads(size: number, kernels: Kernels): ThreadGroup {
  const plans = new Map<number, readonly (readonly KernelCall[])[]>();
  return {
    size,
    terminated: () => undefined,
    plan: (images, calls) => plans.set(images, calls),
    run(images, steps) {
      const plan = plans.get(images) ?? [];
      expect(plan).toHaveLength(steps.length);
      steps.forEach((step, i) => {
        for (const call of (plan[i] ?? []).slice(1).reverse()) callKernel(kernels, call);
        step();
      });
    },
    detach() {},
  };
}

/**
 * Runs a model whose work is divided among `size` threads, on the module with plain SIMD and shared memory; returns its
 * first output. Checks that the memory stays below the computed maximum.
 */
export async function runShared(
  size: number,
  { descriptor, files }: { descriptor: ModelDescriptor; files: ModelFiles },
  images: NetworkImage[],
): Promise<Float32Array | undefined> {
  const instantiate = WebAssembly.instantiate as (
    module: WebAssembly.Module,
    imports: WebAssembly.Imports,
  ) => Promise<WebAssembly.Instance>;
  let kernels: Kernels | undefined;
  // The shares must run in the network's own instance: without workers, no other instance has its memory.
  const spy = vi.spyOn(WebAssembly, 'instantiate').mockImplementation((async (
    module: WebAssembly.Module,
    imports: WebAssembly.Imports,
  ) => {
    const instance = await instantiate.call(WebAssembly, module, imports);
    kernels = instance.exports as unknown as Kernels;
    return instance;
  }) as never);
  const attach = () => sequentialThreads(size, kernels as Kernels);
  const runner = await KernelRunner.start(descriptor, files, await compileKernels('facenet-simd-threads'), {
    size,
    attach,
  });
  spy.mockRestore();
  const [output] = await runner.run(images);
  const needed = neededBytes(lowerModel(descriptor, files), descriptor.preprocessing, runner.maxBatchSize, size);
  expect(kernels?.memory.buffer.byteLength).toBeLessThanOrEqual(Math.ceil(needed / pageBytes) * pageBytes);
  runner.dispose();
  return output;
}
