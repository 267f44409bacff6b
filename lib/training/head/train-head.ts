import { abortable } from '../../core/cancellation.ts';
import { checkedOptions, type OptionNames } from '../../core/checked-options.ts';
import { FaceNetError } from '../../core/errors.ts';
import { isTypedArray } from '../../core/typed-arrays.ts';
import { WorkerUnavailable } from '../../workers/supervised-worker.ts';
import { Head } from './head.ts';
import { trainInWorker } from './train-in-worker.ts';
import { train } from './training-loop.ts';
import { type TrainingResult, type TrainingTask, trainingPlan } from './training-plan.ts';
import type { ExampleSource, HeadEpoch, HeadExample, HeadOptions } from './types.ts';

const headOptionNames: OptionNames<HeadOptions> = {
  ...{ loss: true, mining: true, margin: true, dimension: true, hidden: true, epochs: true, patience: true },
  ...{ heldOut: true, learningRate: true, seed: true, onEpoch: true, plot: true, worker: true },
};

/**
 * Trains a head on the device: a small projection on top of an embedder, from labelled faces, in seconds and in a worker. The
 * embedder is not changed. The head stays in memory unless you save it.
 *
 * A share of the people is held out, for early stopping, for the figures in `head.report` and for the calibration of distances.
 *
 * @param source an open gallery, or embeddings of one model with the person of each.
 * @param options the loss, the shape of the head, how long to train, `onEpoch`, and a signal that cancels the call.
 * @returns the head of the best epoch on the held-out people. It can be the untrained head, which leaves embeddings as they are.
 * @throws {FaceNetError} `examples-too-few`, `model-mismatch` for embeddings of several models, `option-invalid`, or
 *   `backend-unavailable` when the worker dies; any error of the gallery or of `onEpoch`; `signal.reason` when aborted.
 *
 * @example
 * await using head = await trainHead(gallery, { onEpoch: ({ loss, triplets }) => console.log(loss, triplets.active), signal });
 * const faces = head.apply(await facenet.embed(photo));
 */
export async function trainHead(
  source: ExampleSource | readonly HeadExample[],
  options: HeadOptions = {},
): Promise<Head> {
  const { onEpoch = () => {}, worker = true, signal } = checkedOptions(options, headOptionNames);
  signal?.throwIfAborted();
  const examples = isSource(source) ? await source.examples({ signal }) : source;
  const { base, dimension } = checkExamples(examples);
  const task: TrainingTask = {
    vectors: examples.map(({ embedding }) => embedding),
    labels: examples.map(({ person }) => person),
    plan: trainingPlan(options, dimension),
  };
  const result = worker ? await trainInWorkerOrHere(task, onEpoch, signal) : await train(task, onEpoch, signal);
  return abortable(Head.of(base, result), signal);
}

async function trainInWorkerOrHere(
  task: TrainingTask,
  onEpoch: (epoch: HeadEpoch) => void,
  signal: AbortSignal | undefined,
): Promise<TrainingResult> {
  try {
    return await trainInWorker(task, onEpoch, signal);
  } catch (error) {
    if (error instanceof WorkerUnavailable) return train(task, onEpoch, signal);
    throw error;
  }
}

function isSource(source: ExampleSource | readonly HeadExample[]): source is ExampleSource {
  return typeof (source as Partial<ExampleSource> | null)?.examples === 'function';
}

function checkExamples(examples: readonly HeadExample[]): { base: string; dimension: number } {
  if (!Array.isArray(examples)) {
    throw new FaceNetError(
      'option-invalid',
      'The source is neither a gallery nor a list: pass an open gallery, or a list of embeddings.',
    );
  }
  const [first] = examples as readonly HeadExample[];
  if (!first) throw new FaceNetError('examples-too-few', 'There are no examples to train on: enrol people first.');
  for (const { embedding, model, person } of examples as readonly HeadExample[]) {
    if (!isTypedArray(embedding, 'Float32Array') || embedding.length === 0 || !embedding.every(Number.isFinite)) {
      throw new FaceNetError(
        'option-invalid',
        'An example has no finite embedding: pass { embedding, model, person } for each face.',
      );
    }
    if (model !== first.model) {
      const others = examples.filter((each) => each.model !== first.model).length;
      throw new FaceNetError(
        'model-mismatch',
        `${others} of ${examples.length} examples are not of "${first.model}", such as one of "${model}": embed all faces with one model.`,
      );
    }
    if (embedding.length !== first.embedding.length) {
      throw new FaceNetError(
        'model-mismatch',
        `The embeddings have ${first.embedding.length} and ${embedding.length} elements: embed all faces with one model.`,
      );
    }
    if (typeof person !== 'string' && typeof person !== 'number') {
      throw new FaceNetError('option-invalid', 'An example has no person: pass a string or a number for each face.');
    }
  }
  return { base: first.model, dimension: first.embedding.length };
}
