import { lazyImport } from '../../core/lazy-import.ts';
import type { BackendName } from '../../core/types.ts';
import { kernelsFile } from '../kernels/kernels.ts';
import type { Runtime } from '../runtime.ts';
import { watchBackend } from '../tensorflow/context-loss.ts';
import { type Attempt, type BackendContext, startTensorFlowOn, type ThreadStarter } from './backend.ts';

/**
 * The ways to run networks on some backends: on `wasm` our own kernels come first, on several threads where there may be some, and
 * TensorFlow.js stands in for them.
 */
export function runtimesOn(names: readonly BackendName[], context: BackendContext): Attempt<Runtime>[] {
  return names.flatMap((name) => {
    const tensorFlow = { name, start: () => tensorFlowRuntime(name, context) };
    if (name !== 'wasm') return [tensorFlow];
    const { threads } = context;
    return [
      ...(threads ? [{ name, threads: threads.count, start: () => kernelsRuntime(context, threads) }] : []),
      { name, start: () => kernelsRuntime(context) },
      tensorFlow,
    ];
  });
}

async function tensorFlowRuntime(name: BackendName, context: BackendContext): Promise<Runtime> {
  const { TensorFlowRunner } = await lazyImport(() => import('../tensorflow/runner.ts'));
  const tf = await startTensorFlowOn(name, context);
  const graphics = watchBackend(tf, name);
  // Whoever used it last may have left one behind that is lost.
  graphics?.check();
  if (graphics?.lost.aborted) {
    await graphics.discard();
    throw graphics.lost.reason;
  }
  return {
    description: `TensorFlow.js’s ${name} backend`,
    graphics,
    start: (descriptor, files) => TensorFlowRunner.start(tf, name, descriptor, files),
  };
}

/** Our own kernels; a network with an operator that they do not know runs on TensorFlow.js, which is loaded for it. */
async function kernelsRuntime(context: BackendContext, threads?: ThreadStarter): Promise<Runtime> {
  const file = kernelsFile(threads !== undefined);
  if (!file) throw new Error('this browser has no WebAssembly SIMD');
  const [{ EngineRunner, startResampler, UnsupportedOperator }, module, pool] = await Promise.all([
    lazyImport(() => import('../kernels/runner.ts')),
    context.readEngine(file).then((bytes) => WebAssembly.compile(bytes)),
    threads?.start(),
  ]);
  if (threads && !pool) throw new Error('no further thread started');
  let standIn: Promise<Runtime> | undefined;
  return {
    description: `facenet-web’s own kernels, with ${file === 'facenet-simd' ? 'SIMD' : 'relaxed SIMD'}${pool ? `, on ${pool.size} threads` : ''}`,
    resampler: await startResampler(module),
    async start(descriptor, files) {
      try {
        return await EngineRunner.start(descriptor, files, module, pool);
      } catch (error) {
        if (!(error instanceof UnsupportedOperator)) throw error;
        standIn ??= tensorFlowRuntime('wasm', context);
        return (await standIn).start(descriptor, files);
      }
    },
  };
}
