/** Entry of the training worker: trains one head. */
import { sendHandshake } from '../../workers/handshake.ts';
import { type SerialisedError, serialiseError } from '../../workers/serialised-error.ts';
import { train } from './training-loop.ts';
import type { TrainingResult, TrainingTask } from './training-plan.ts';
import type { HeadEpoch } from './types.ts';

/**
 * The messages from the worker after its handshake. The page posts one {@link TrainingTask}, and terminates the worker to abort.
 */
export type FromTrainer =
  | { type: 'epoch'; epoch: HeadEpoch }
  | { type: 'trained'; result: TrainingResult }
  | { type: 'failed'; error: SerialisedError };

const post = (message: FromTrainer) => postMessage(message);

// Training blocks this thread for long stretches. It starts after the handshake, so that the page does not time out waiting for it.
const handshake = sendHandshake();

addEventListener('message', async ({ data }: MessageEvent<TrainingTask>) => {
  await handshake;
  try {
    post({ type: 'trained', result: await train(data, (epoch) => post({ type: 'epoch', epoch })) });
  } catch (error) {
    post({ type: 'failed', error: serialiseError(error) });
  }
});
