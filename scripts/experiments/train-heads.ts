import { seeded, shuffled } from '../../lib/core/random.ts';
import { type Head, type HeadExample, type HeadOptions, trainHead } from '../../lib/training/index.ts';
import { personOf } from '../kit/lfw/all-pairs.ts';
import { photoPathsOf } from '../kit/lfw/pairs.ts';
import { progressLine } from '../kit/progress.ts';
import { median } from '../kit/statistics.ts';
import type { Embeddings, ExperimentContext } from './context.ts';
import { type Figures, measure } from './measure.ts';

/** The options of all heads. */
const defaultOptions: HeadOptions = { epochs: 40 };

/** What heads are trained on and measured with. */
export interface HeadTrial {
  /** The embeddings to measure. */
  measured: Embeddings;
  /** The training data: one or more embeddings of each image. */
  training: readonly Embeddings[];
  /** The number of people to train on, chosen at random; default: all of the other folds. */
  people?: number;
  options?: HeadOptions;
}

/** The figures of the heads. */
export interface HeadFigures extends Figures {
  heads: Head[];
  /** The training time of a head, the median of the folds. */
  seconds: number;
}

/** Trains a head for each fold on people of the other folds, and measures it on the fold. */
export async function measureHeads(context: ExperimentContext, trial: HeadTrial): Promise<HeadFigures> {
  const folds = [...new Set(context.pairs.map(({ fold }) => fold))];
  const report = progressLine(`heads ${JSON.stringify(trial.options ?? {})} ${trial.people ?? ''}`, folds.length);
  const trained = new Map<number, { head: Head; embeddings: Embeddings }>();
  const seconds: number[] = [];
  for (const fold of folds) {
    const held = photoPathsOf(context.pairs.filter((pair) => pair.fold === fold));
    const examples = examplesOf(context, trial, new Set(held.map(personOf)));
    const start = performance.now();
    const head = await trainHead(examples, { ...defaultOptions, ...trial.options });
    seconds.push((performance.now() - start) / 1000);
    trained.set(fold, { head, embeddings: applyHead(head, trial.measured, context.model) });
    report(trained.size);
  }
  const figures = measure(context.pairs, (fold) => trained.get(fold)?.embeddings as Embeddings);
  return { ...figures, heads: [...trained.values()].map(({ head }) => head), seconds: median(seconds) };
}

function applyHead(head: Head, embeddings: Embeddings, model: string): Embeddings {
  return new Map(
    [...embeddings].map(([path, embedding]) => [path, embedding && head.apply({ embedding, model }).embedding]),
  );
}

/** The training data, without the held-out people. */
function examplesOf(
  context: ExperimentContext,
  { training, people }: HeadTrial,
  heldOut: ReadonlySet<string>,
): HeadExample[] {
  const available = [...new Set(context.paths.map(personOf))].filter((person) => !heldOut.has(person));
  const chosen = new Set(shuffled(available, seeded(1)).slice(0, people));
  return training.flatMap((embeddings) =>
    [...embeddings].flatMap(([path, embedding]): HeadExample[] => {
      const person = personOf(path);
      return embedding && chosen.has(person) ? [{ embedding, model: context.model, person }] : [];
    }),
  );
}
