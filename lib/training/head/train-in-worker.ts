import { FaceNetError } from '../../errors.ts';
import { abortable } from '../../runtime/signal.ts';
import { fromSentError } from '../../worker/protocol.ts';
import { startWorker } from '../../worker/start.ts';
import type { FromTrainer } from './head-host.ts';
import type { TrainingResult, TrainingTask } from './train.ts';
import type { HeadEpoch } from './types.ts';

/**
 * Trains a head in a module worker of its own, which ends with it, or at once when aborted.
 *
 * @throws {WorkerUnavailable} when none starts; whatever training or `onEpoch` throws; `signal.reason` when aborted.
 */
export async function trainInWorker(
  task: TrainingTask,
  onEpoch: (epoch: HeadEpoch) => void,
  signal: AbortSignal | undefined,
): Promise<TrainingResult> {
  const worker = await startWorker(
    () => new Worker(new URL('./head-host.ts', import.meta.url), { type: 'module', name: 'facenet-web training' }),
    signal,
  );
  try {
    const trained = new Promise<TrainingResult>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<FromTrainer>) => {
        try {
          if (data.type === 'epoch') onEpoch(data.epoch);
          if (data.type === 'trained') resolve(data.result);
          if (data.type === 'failed') reject(fromSentError(data.error));
        } catch (error) {
          reject(error);
        }
      };
      worker.onerror = ({ message }) =>
        reject(new FaceNetError('backend-unavailable', `The training worker stopped (${message}): train again.`));
      worker.onmessageerror = () =>
        reject(new FaceNetError('backend-unavailable', 'The training worker sent what cannot be read: train again.'));
    });
    worker.postMessage(task);
    return await abortable(trained, signal);
  } finally {
    worker.terminate();
  }
}
