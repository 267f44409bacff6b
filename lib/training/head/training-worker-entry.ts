/** The worker's end: trains one head. This file is the entry of a module worker. */
import { sendHandshake } from '../../workers/handshake.ts';
import { type SerialisedError, serialiseError } from '../../workers/serialised-error.ts';
import { type TrainingResult, type TrainingTask, train } from './train.ts';
import type { HeadEpoch } from './types.ts';

/** What the worker tells its page, besides its greeting; the page tells it only the {@link TrainingTask}, and ends it to abort. */
export type FromTrainer =
  | { type: 'epoch'; epoch: HeadEpoch }
  | { type: 'trained'; result: TrainingResult }
  | { type: 'failed'; error: SerialisedError };

const tell = (message: FromTrainer) => postMessage(message);

/** Training is long stretches of work, in which a page that still waits for a greeting would take the worker for dead. */
const greeted = sendHandshake();

addEventListener('message', async ({ data }: MessageEvent<TrainingTask>) => {
  await greeted;
  try {
    tell({ type: 'trained', result: await train(data, (epoch) => tell({ type: 'epoch', epoch })) });
  } catch (error) {
    tell({ type: 'failed', error: serialiseError(error) });
  }
});
