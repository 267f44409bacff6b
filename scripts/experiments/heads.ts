import { seeded, shuffled } from '../../lib/core/random.ts';
import { photoPath } from '../../lib/evaluation/index.ts';
import { type Head, type HeadExample, type HeadOptions, trainHead } from '../../lib/training/index.ts';
import { progressLine } from '../kit/progress.ts';
import type { Degradation } from './degraded.ts';
import { untouched } from './degraded.ts';
import type { Embeddings, Lab } from './lab.ts';
import { type Figures, measure, personOf } from './measure.ts';

/** Low light, blur and JPEG at quality 10 together: the hard case on which heads are tried. */
export const hardCase: Degradation = { ...untouched, blur: 1.2, light: { share: 0.3, noise: 3 }, jpeg: 10 };

/** How long heads are trained at most. */
export const budget: HeadOptions = { epochs: 40 };

/** What heads are taught and measured with. */
export interface HeadTrial {
  /** Whose distances are measured: the embeddings of the protocol's images. */
  measured: Embeddings;
  /** What is learned from: one or more embeddings of each image. */
  learned: readonly Embeddings[];
  /** How many people are learned from, at random; default: all that the other folds have. */
  people?: number;
  options?: HeadOptions;
}

/** What a trial gave. */
export interface HeadFigures extends Figures {
  heads: Head[];
  /** How long a head was learned, the median over the folds. */
  seconds: number;
}

/**
 * Trains a head for each fold on the people of the others, and measures it on the fold's: nobody who is measured was learned from,
 * held out, or looked at.
 */
export async function tryHead(lab: Lab, trial: HeadTrial): Promise<HeadFigures> {
  const folds = [...new Set(lab.pairs.map(({ fold }) => fold))];
  const report = progressLine(`heads ${JSON.stringify(trial.options ?? {})} ${trial.people ?? ''}`, folds.length);
  const made = new Map<number, { head: Head; embeddings: Embeddings }>();
  const seconds: number[] = [];
  for (const fold of folds) {
    const judged = lab.pairs.filter((pair) => pair.fold === fold).flatMap(({ a, b }) => [a, b]);
    const strangers = new Set(judged.map((photo) => personOf(photoPath(photo))));
    const examples = examplesOf(lab, trial, strangers);
    const start = performance.now();
    const head = await trainHead(examples, { ...budget, ...trial.options });
    seconds.push((performance.now() - start) / 1000);
    made.set(fold, { head, embeddings: throughHead(head, trial.measured, lab.model) });
    report(made.size);
  }
  const figures = measure(lab.pairs, (fold) => made.get(fold)?.embeddings as Embeddings);
  const median = seconds.sort((a, b) => a - b)[seconds.length >> 1] as number;
  return { ...figures, heads: [...made.values()].map(({ head }) => head), seconds: median };
}

/** Embeddings as a head makes them. */
export function throughHead(head: Head, embeddings: Embeddings, model: string): Embeddings {
  return new Map(
    [...embeddings].map(([path, embedding]) => [path, embedding && head.apply({ embedding, model }).embedding]),
  );
}

function examplesOf(lab: Lab, { learned, people }: HeadTrial, strangers: ReadonlySet<string>): HeadExample[] {
  const known = [...new Set(lab.paths.map(personOf))].filter((person) => !strangers.has(person));
  const chosen = new Set(shuffled(known, seeded(1)).slice(0, people));
  return learned.flatMap((embeddings) =>
    [...embeddings].flatMap(([path, embedding]): HeadExample[] => {
      const person = personOf(path);
      return embedding && chosen.has(person) ? [{ embedding, model: lab.model, person }] : [];
    }),
  );
}
