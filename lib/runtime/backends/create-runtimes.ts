import { lazyImport } from '../../core/lazy-import.ts';
import type { BackendName } from '../../core/types.ts';
import type { ThreadPool } from '../kernels/threads/thread-pool.ts';
import { kernelsWasmFile } from '../kernels/wasm/wasm-file.ts';
import type { Runtime } from '../runtime.ts';
import type { WasmSource } from '../tensorflow/start-backend.ts';
import { missingHardware } from './candidates.ts';
import type { BackendOption } from './choose-backend.ts';
import { EngineAbsentError } from './engine-absent-error.ts';

/** Starts the threads that share the work of the kernels. */
export interface ThreadStarter {
  /** Number of threads, including the calling thread. */
  count: number;
  /** Resolves with `undefined` if a thread does not start. */
  start(): Promise<ThreadPool | undefined>;
}

/** Starts TensorFlow.js with one of its backends. */
export type StartTensorFlow = (name: BackendName, source: WasmSource) => Promise<Runtime>;

/** What the runtimes need to start. */
export interface RuntimeContext extends WasmSource {
  /** Absent in scripts that run the kernels only. */
  tensorFlow?: StartTensorFlow | undefined;
  /** Additional threads for the kernels of facenet-web. Absent: run on one thread. */
  threads?: ThreadStarter | undefined;
  /** Whether to start a graphics backend only on hardware. One that is requested by name may be emulated. */
  onlyHardware?: boolean;
}

/**
 * The runtimes of some backends, not started yet. `wasm` has up to three, in this order: the kernels of facenet-web on
 * several threads, on one thread, and TensorFlow.js.
 */
export function createRuntimes(names: readonly BackendName[], context: RuntimeContext): BackendOption<Runtime>[] {
  return names.flatMap((name) => {
    const tensorFlow = { name, start: () => startTensorFlow(name, context) };
    if (name !== 'wasm') return [tensorFlow];
    const { threads } = context;
    return [
      ...(threads ? [{ name, threads: threads.count, start: () => startKernelsRuntime(context, threads) }] : []),
      { name, start: () => startKernelsRuntime(context) },
      tensorFlow,
    ];
  });
}

async function startTensorFlow(name: BackendName, context: RuntimeContext): Promise<Runtime> {
  const obstacle = context.onlyHardware ? await missingHardware(name) : undefined;
  if (obstacle) throw new Error(obstacle);
  if (!context.tensorFlow) throw new EngineAbsentError('this script has no TensorFlow.js');
  return context.tensorFlow(name, context);
}

/** Starts the kernels of facenet-web. Networks with an operator that they lack run on TensorFlow.js. */
async function startKernelsRuntime(context: RuntimeContext, threads?: ThreadStarter): Promise<Runtime> {
  const file = kernelsWasmFile(threads !== undefined);
  if (!file) throw new Error('this browser has no WebAssembly SIMD');
  const [{ KernelRunner, startKernelResampler, UnsupportedOperatorError }, module, pool] = await Promise.all([
    lazyImport(() => import('../kernels/index.ts')),
    context.readWasmFile(file).then((bytes) => WebAssembly.compile(bytes)),
    threads?.start(),
  ]);
  if (threads && !pool) throw new Error('no additional thread started');
  const instructions = file.startsWith('facenet-simd') ? 'SIMD' : 'relaxed SIMD';
  let fallback: Promise<Runtime> | undefined;
  return {
    description: `the kernels of facenet-web, with ${instructions}${pool ? `, on ${pool.size} threads` : ''}`,
    resampler: await startKernelResampler(module),
    async start(descriptor, files) {
      try {
        return await KernelRunner.start(descriptor, files, module, pool);
      } catch (error) {
        if (!(error instanceof UnsupportedOperatorError)) throw error;
        fallback ??= startTensorFlow('wasm', context);
        return (await fallback).start(descriptor, files);
      }
    },
  };
}
