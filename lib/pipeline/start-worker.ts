import { abortable } from '../core/cancellation.ts';
import type { Progress } from '../models/progress.ts';
import { deserialiseError } from '../workers/serialised-error.ts';
import { SupervisedWorker, WorkerUnavailable } from '../workers/supervised-worker.ts';
import { sentFolders, serveModels } from './model-functions.ts';
import type { LoadOptions } from './options.ts';
import type { PipelineFacts } from './pipeline.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

/** A worker that runs a pipeline. */
export type PipelineWorker = SupervisedWorker<ToWorker, FromWorker>;

/** A worker and what it loaded. */
interface LoadedWorker {
  worker: PipelineWorker;
  facts: PipelineFacts;
}

/** The constructors of the workers; bundlers look for the addresses there. */
const scripts = {
  kernels: () => new Worker(new URL('./worker-entry.ts', import.meta.url), { type: 'module', name: 'facenet-web' }),
  engines: () =>
    new Worker(new URL('./engines-worker-entry.ts', import.meta.url), { type: 'module', name: 'facenet-web' }),
};

/**
 * Starts a worker and loads a pipeline in it: the worker of the kernels, or the one that also has the other
 * engines if the backend or a network needs them.
 *
 * @throws {WorkerUnavailable} when no worker starts or it dies while it loads; whatever loading throws; `signal.reason` when aborted.
 */
export async function startWorker(options: LoadOptions): Promise<LoadedWorker> {
  if (typeof OffscreenCanvas === 'undefined') throw new WorkerUnavailable('this browser has no OffscreenCanvas');
  const { backend = 'auto' } = options;
  const monotonic = { ...options, onProgress: withoutDecrease(options.onProgress) };
  const onKernels =
    backend === 'auto' || backend === 'wasm' ? await loadInWorker(scripts.kernels, monotonic) : undefined;
  return onKernels ?? ((await loadInWorker(scripts.engines, monotonic)) as LoadedWorker);
}

/** Skips reports of a smaller share than the last one: a second worker begins its progress again. */
function withoutDecrease(onProgress: LoadOptions['onProgress']): (progress: Progress) => void {
  let share = 0;
  return (progress) => {
    if (progress.progress < share) return;
    share = progress.progress;
    onProgress?.(progress);
  };
}

/** Returns undefined if the load needs an engine that the worker lacks. */
async function loadInWorker(
  makeWorker: () => Worker,
  { onProgress, signal, worker: _, models, ...options }: LoadOptions,
): Promise<LoadedWorker | undefined> {
  const worker = await SupervisedWorker.start<ToWorker, FromWorker>(makeWorker, signal);
  try {
    const loaded = new Promise<PipelineFacts | undefined>((resolve, reject) => {
      worker.onDeath = ({ message }) => reject(new WorkerUnavailable(`the worker stopped (${message})`));
      worker.onMessage = (message) => {
        serveModels(worker, message, models, signal);
        if (message.type === 'progress') onProgress?.(message.progress);
        if (message.type === 'loaded') resolve(message.facts);
        if (message.type === 'needs-engines') resolve(undefined);
        if (message.type === 'load-failed') reject(deserialiseError(message.error));
      };
    });
    worker.post({ type: 'load', options: { ...options, models: sentFolders(models) } });
    const facts = await abortable(loaded, signal);
    if (facts) return { worker, facts };
    worker.terminate();
    return undefined;
  } catch (error) {
    worker.terminate();
    throw error;
  }
}
