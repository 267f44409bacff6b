import type { ModelDescriptor } from '../../../lib/models/manifest.ts';
import { KernelRunner } from '../../../lib/runtime/kernels/kernel-runner.ts';
import { threadWorkerName } from '../../../lib/runtime/kernels/threads/messages.ts';
import { ThreadPool } from '../../../lib/runtime/kernels/threads/thread-pool.ts';
import { selfCheckPixels } from '../../../lib/runtime/preprocess.ts';
import { fetchBytes, fetchFiles } from './fetch-files.ts';
import { type RuntimeSubject, subjectOf } from './subject.ts';

/** Loads a network on our kernels in this thread. Its runs include what the others' do not: the normalisation of the pixels. */
export async function kernelsSubject(
  descriptor: ModelDescriptor,
  wasmFile: string,
  threads: number,
): Promise<RuntimeSubject> {
  const module = await WebAssembly.compile(await fetchBytes(`/models/engines/${wasmFile}.wasm`));
  const createWorker = () => new Worker('/dist/worker.js', { type: 'module', name: threadWorkerName });
  const pool = threads > 1 ? await ThreadPool.start(threads, createWorker) : undefined;
  if (threads > 1 && !pool) throw new Error('The threads of the kernels did not start.');
  const runner = await KernelRunner.start(descriptor, await fetchFiles(descriptor), module, pool);
  const images = [selfCheckPixels(descriptor.preprocessing)];
  return subjectOf(
    () => runner.run(images),
    () => runner.dispose(),
  );
}
