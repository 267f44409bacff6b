import { abortable } from '../core/cancellation.ts';
import { deserialiseError } from '../workers/serialised-error.ts';
import { SupervisedWorker, WorkerUnavailable } from '../workers/supervised-worker.ts';
import { sentFolders, serveModels } from './model-functions.ts';
import type { LoadOptions } from './options.ts';
import type { PipelineFacts } from './pipeline.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

/** A worker that runs a pipeline. */
export type PipelineWorker = SupervisedWorker<ToWorker, FromWorker>;

/**
 * Starts a worker and loads a pipeline in it.
 *
 * @throws {WorkerUnavailable} when no worker starts or it dies while it loads; whatever loading throws; `signal.reason` when aborted.
 */
export async function startWorker({
  onProgress,
  signal,
  worker: _,
  models,
  ...options
}: LoadOptions): Promise<{ worker: PipelineWorker; facts: PipelineFacts }> {
  if (typeof OffscreenCanvas === 'undefined') throw new WorkerUnavailable('this browser has no OffscreenCanvas');
  const worker = await SupervisedWorker.start<ToWorker, FromWorker>(
    () => new Worker(new URL('./worker-entry.ts', import.meta.url), { type: 'module', name: 'facenet-web' }),
    signal,
  );
  try {
    const loaded = new Promise<PipelineFacts>((resolve, reject) => {
      worker.onDeath = ({ message }) => reject(new WorkerUnavailable(`the worker stopped (${message})`));
      worker.onMessage = (message) => {
        serveModels(worker, message, models, signal);
        if (message.type === 'progress') onProgress?.(message.progress);
        if (message.type === 'loaded') resolve(message.facts);
        if (message.type === 'load-failed') reject(deserialiseError(message.error));
      };
    });
    worker.post({ type: 'load', options: { ...options, models: sentFolders(models) } });
    return { worker, facts: await abortable(loaded, signal) };
  } catch (error) {
    worker.terminate();
    throw error;
  }
}
