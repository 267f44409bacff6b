/** The worker's end: trains one head. This file is the entry of a module worker. */
import { type SentError, toSentError } from '../../worker/protocol.ts';
import { type TrainingResult, type TrainingTask, train } from './train.ts';
import type { HeadEpoch } from './types.ts';

/** What the worker tells its page; the page tells it only the {@link TrainingTask}, and ends it to abort. */
export type FromTrainer =
  | { type: 'awake' }
  | { type: 'epoch'; epoch: HeadEpoch }
  | { type: 'trained'; result: TrainingResult }
  | { type: 'failed'; error: SentError };

const tell = (message: FromTrainer) => postMessage(message);

addEventListener('message', async ({ data }: MessageEvent<TrainingTask>) => {
  try {
    tell({ type: 'trained', result: await train(data, (epoch) => tell({ type: 'epoch', epoch })) });
  } catch (error) {
    tell({ type: 'failed', error: toSentError(error) });
  }
});
tell({ type: 'awake' });
