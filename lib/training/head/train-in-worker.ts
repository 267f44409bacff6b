import { abortable } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import { deserialiseError } from '../../workers/serialised-error.ts';
import { SupervisedWorker } from '../../workers/supervised-worker.ts';
import type { TrainingResult, TrainingTask } from './training-plan.ts';
import type { FromTrainer } from './training-worker-entry.ts';
import type { HeadEpoch } from './types.ts';

/**
 * Trains a head in a module worker. The worker is terminated when training ends or is aborted.
 *
 * @throws {WorkerUnavailable} when no worker starts; {@link FaceNetError} `backend-unavailable` when the worker dies; any error of
 *   training or of `onEpoch`; `signal.reason` when aborted.
 */
export async function trainInWorker(
  task: TrainingTask,
  onEpoch: (epoch: HeadEpoch) => void,
  signal: AbortSignal | undefined,
): Promise<TrainingResult> {
  const worker = await SupervisedWorker.start<TrainingTask, FromTrainer>(
    () =>
      new Worker(new URL('./training-worker-entry.ts', import.meta.url), {
        type: 'module',
        name: 'facenet-web training',
      }),
    signal,
  );
  try {
    const trained = new Promise<TrainingResult>((resolve, reject) => {
      worker.onMessage = (message) => {
        try {
          if (message.type === 'epoch') onEpoch(message.epoch);
          if (message.type === 'trained') resolve(message.result);
          if (message.type === 'failed') reject(deserialiseError(message.error));
        } catch (error) {
          reject(error);
        }
      };
      worker.onDeath = ({ message }) =>
        reject(new FaceNetError('backend-unavailable', `The training worker stopped (${message}): train again.`));
    });
    worker.post(task);
    return await abortable(trained, signal);
  } finally {
    worker.terminate();
  }
}
