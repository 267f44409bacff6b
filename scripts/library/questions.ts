import type { ComparisonRule } from '../../lib/comparison/compare.ts';
import { seeded, shuffled } from '../../lib/core/random.ts';
import { mean } from '../kit/statistics.ts';
import { type Asked, askUntil, type NamedFaces, type Strategy } from './people.ts';

/** The number of mixtures, and the numbers of people of the smallest and of the largest. */
const mixtureCount = 10;
const [minPeople, maxPeople] = [100, 400];

/** The BCubed F that questions are asked for, and the most that are asked for it. */
const target = 0.99;
const maxQuestions = 400;

/** The number of questions of `nextQuestion()` in each mixture whose probabilities are compared with the answers. */
const rated = 50;

/** The share of the people of a half of the folds in the smallest of its mixtures. */
const minShare = 1 / 3;

/** The bounds of the probabilities that are counted together. */
const bins = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** The questions about a mixture of people in one order. */
export interface MixtureResult {
  people: number;
  faces: number;
  strategy: Strategy;
  /** The F before the first question. */
  before: number;
  /** The number of questions to the target; undefined if it was not reached. */
  needed: number | undefined;
  asked: Asked[];
}

/** Asks questions about random subsets of the people, in the library's order and by the size of the people. */
export async function askAboutMixtures(all: NamedFaces, rule: ComparisonRule, far: number): Promise<MixtureResult[]> {
  const results: MixtureResult[] = [];
  for (let i = 0; i < mixtureCount; i++) {
    const people = Math.round(minPeople + ((maxPeople - minPeople) * i) / (mixtureCount - 1));
    const mixture = mixtureOf(all, people, i + 1);
    for (const strategy of ['library', 'size'] as const) {
      const { scores, asked } = await askUntil(mixture, rule, { far, target, strategy, min: 0, max: maxQuestions });
      const reached = scores.findIndex((f) => f >= target);
      const needed = reached < 0 ? undefined : reached;
      results.push({ people, faces: mixture.names.length, strategy, before: scores[0] as number, needed, asked });
    }
  }
  return results;
}

/** Random subsets of people, from a third of them to all. */
export function mixturesOf(all: NamedFaces): NamedFaces[] {
  const people = new Set(all.names).size;
  return Array.from({ length: mixtureCount }, (_, i) => {
    const share = minShare + ((1 - minShare) * i) / (mixtureCount - 1);
    return mixtureOf(all, Math.round(share * people), i + 1);
  });
}

/** The first questions about each mixture, in the library's order. */
export async function askFirst(mixtures: readonly NamedFaces[], rule: ComparisonRule, far: number): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const mixture of mixtures) {
    const options = { far, target, strategy: 'library', min: rated, max: rated } as const;
    asked.push(...(await askUntil(mixture, rule, options)).asked);
  }
  return asked;
}

/** Random photos of each person. @param count the maximum number of photos of a person. */
export function fewPhotos({ embeddings, names }: NamedFaces, count: number): NamedFaces {
  const counts = new Map<string, number>();
  const chosen = new Set(
    shuffled([...names.keys()], seeded(count)).filter((photo) => {
      const number = (counts.get(names[photo] as string) ?? 0) + 1;
      counts.set(names[photo] as string, number);
      return number <= count;
    }),
  );
  const isChosen = (_: unknown, i: number) => chosen.has(i);
  return { embeddings: embeddings.filter(isChosen), names: names.filter(isChosen) };
}

/** The faces of random people, in the order of the data set. */
function mixtureOf({ embeddings, names }: NamedFaces, people: number, seed: number): NamedFaces {
  const chosen = new Set(shuffled([...new Set(names)], seeded(seed)).slice(0, people));
  const isChosen = (_: unknown, i: number) => chosen.has(names[i] as string);
  return { embeddings: embeddings.filter(isChosen), names: names.filter(isChosen) };
}

/** Questions of similar probability. */
export interface ReliabilityBin {
  from: number;
  to: number;
  count: number;
  /** The mean of the probabilities, and the share of questions that were answered with yes. */
  stated: number;
  yes: number;
}

/** How often questions of each probability are answered with yes. */
export function reliability(asked: readonly Asked[]): ReliabilityBin[] {
  return bins.slice(1).map((to, i) => {
    const from = bins[i] as number;
    const some = asked.filter(({ probability }) => probability >= from && (probability < to || to === 1));
    return {
      from,
      to,
      count: some.length,
      stated: mean(some.map(({ probability }) => probability)),
      yes: mean(some.map(({ same }) => Number(same))),
    };
  });
}
