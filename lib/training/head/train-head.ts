import { abortable } from '../../core/cancellation.ts';
import { checkedOptions } from '../../core/checked-options.ts';
import { FaceNetError } from '../../core/errors.ts';
import { WorkerUnavailable } from '../../workers/supervised-worker.ts';
import { Head } from './head.ts';
import { trainingPlan } from './plan.ts';
import { type TrainingResult, type TrainingTask, train } from './train.ts';
import { trainInWorker } from './train-in-worker.ts';
import type { ExampleSource, HeadExample, HeadOptions } from './types.ts';

/**
 * Training on the device: learns a head, a small projection on top of an embedder, from faces whose people are known, in seconds
 * and off the page's thread. The embedder itself stays as it is. What was learned stays in the page unless you save it.
 *
 * A share of the people is held out: they tell when to stop, what it gave (`head.report`), and what the head's distances mean.
 *
 * @param source an open gallery, or embeddings of one model with whose they are.
 * @returns the head that was best for the held-out people, perhaps the one that changes nothing.
 * @throws {FaceNetError} `examples-too-few`, `model-mismatch` for embeddings of several models, `option-invalid`,
 *   `backend-unavailable` when its worker dies; whatever the gallery or `onEpoch` throws; `signal.reason` when aborted.
 *
 * @example
 * await using head = await trainHead(gallery, { onEpoch: ({ loss, triplets }) => console.log(loss, triplets.active), signal });
 * const faces = head.apply(await facenet.embed(photo));
 */
export async function trainHead(
  source: ExampleSource | readonly HeadExample[],
  options: HeadOptions = {},
): Promise<Head> {
  const { onEpoch = () => {}, worker = true, signal } = checkedOptions(options);
  signal?.throwIfAborted();
  const examples = isSource(source) ? await source.examples({ signal }) : source;
  const { base, dimension } = checkExamples(examples);
  const task: TrainingTask = {
    vectors: examples.map(({ embedding }) => embedding),
    labels: examples.map(({ person }) => person),
    plan: trainingPlan(options, dimension),
  };
  return abortable(Head.of(base, await trained()), signal);

  async function trained(): Promise<TrainingResult> {
    if (worker) {
      try {
        return await trainInWorker(task, onEpoch, signal);
      } catch (error) {
        if (!(error instanceof WorkerUnavailable)) throw error;
      }
    }
    return train(task, onEpoch, signal);
  }
}

function isSource(source: ExampleSource | readonly HeadExample[]): source is ExampleSource {
  return typeof (source as Partial<ExampleSource> | null)?.examples === 'function';
}

function checkExamples(examples: readonly HeadExample[]): { base: string; dimension: number } {
  if (!Array.isArray(examples)) {
    throw new FaceNetError('option-invalid', 'Nothing to learn from: pass an open gallery, or a list of embeddings.');
  }
  const [first] = examples as readonly HeadExample[];
  if (!first) throw new FaceNetError('examples-too-few', 'There are no faces to learn from: enrol some first.');
  for (const { embedding, model, person } of examples as readonly HeadExample[]) {
    if (!(embedding instanceof Float32Array) || embedding.length === 0 || !embedding.every(Number.isFinite)) {
      throw new FaceNetError(
        'option-invalid',
        'An example has no embedding: pass { embedding, model, person } of each.',
      );
    }
    if (model !== first.model || embedding.length !== first.embedding.length) {
      throw new FaceNetError(
        'model-mismatch',
        `The examples are of "${first.model}" and of "${model}": embed all faces with one model.`,
      );
    }
    if (typeof person !== 'string' && typeof person !== 'number') {
      throw new FaceNetError(
        'option-invalid',
        'An example has no person: pass whose each face is, a text or a number.',
      );
    }
  }
  return { base: first.model, dimension: first.embedding.length };
}
