import { FaceNetError } from '../../core/errors.ts';
import { seeded, shuffled } from '../../core/random.ts';
import { type PersonLabel, placesByPerson } from './triplets.ts';

/** How a mini-batch is put together. */
export interface BatchOptions {
  /** P: how many people a batch shows. 2 or more, whole. */
  people: number;
  /** K: how many faces of each of them. 2 or more, whole; the FaceNet paper took about 40. */
  faces: number;
  /** How many faces of other people are added, at random, as further negatives. 0 or more, whole. Default: 0. */
  others?: number;
  /** Numbers from 0 to 1, without 1. Default: the same ones each time. */
  random?: () => number;
}

/**
 * Mini-batches of P people with K faces each, without end, so that each has positives to select triplets from (FaceNet paper,
 * arXiv 1503.03832, section 3.2). People with fewer than K faces serve as others only. Everybody is drawn once before anybody
 * is drawn again, and so is each face of a person, as far as batches of P and of K allow.
 *
 * @param labels whose each face of the set is.
 * @returns for each batch the places of its faces among the labels: K of the first person, K of the second, and so on, then
 *   the others.
 * @throws {FaceNetError} `option-invalid` for an impossible option, or when too few people have K faces, or too few faces
 *   are left for the others.
 */
export function identityBatches(labels: readonly PersonLabel[], options: BatchOptions): Generator<number[]> {
  const { people, faces, others = 0, random = seeded(1) } = options;
  for (const [name, value, least] of [
    ['people', people, 2],
    ['faces', faces, 2],
    ['others', others, 0],
  ] as const) {
    if (Number.isInteger(value) && value >= least) continue;
    throw new FaceNetError('option-invalid', `${name} is ${value}: use a whole number of at least ${least}.`);
  }
  const byPerson = placesByPerson(labels);
  const shown = [...byPerson.keys()].filter((label) => (byPerson.get(label)?.length ?? 0) >= faces);
  if (shown.length < people) {
    throw new FaceNetError(
      'option-invalid',
      `${shown.length} people have ${faces} faces, and a batch needs ${people}: ask for fewer people or faces, or collect more.`,
    );
  }
  const fewestOthers = labels.length - largest(byPerson, people);
  if (fewestOthers < others) {
    throw new FaceNetError(
      'option-invalid',
      `Beside ${people} people there may be only ${fewestOthers} faces, and others is ${others}: ask for fewer.`,
    );
  }
  return batches(labels, byPerson, shown, { people, faces, others, random });
}

function* batches(
  labels: readonly PersonLabel[],
  byPerson: ReadonlyMap<PersonLabel, number[]>,
  shown: readonly PersonLabel[],
  { people, faces, others, random }: Required<BatchOptions>,
): Generator<number[]> {
  const deckOfPeople = deck(shown, random);
  const decksOfFaces = new Map(shown.map((label) => [label, deck(byPerson.get(label) ?? [], random)]));
  for (;;) {
    const drawn = deckOfPeople(people);
    const own = drawn.flatMap((label) => decksOfFaces.get(label)?.(faces) ?? []);
    const rest = others > 0 ? labels.flatMap((label, i) => (drawn.includes(label) ? [] : [i])) : [];
    yield [...own, ...shuffled(rest, random).slice(0, others)];
  }
}

/** Draws so many at a time from shuffled cards; when fewer are left, all are shuffled anew. */
function deck<T>(cards: readonly T[], random: () => number): (count: number) => T[] {
  let left: T[] = [];
  return (count) => {
    if (left.length < count) left = shuffled(cards, random);
    return left.splice(0, count);
  };
}

/** How many faces the people with the most faces have together. */
function largest(byPerson: ReadonlyMap<PersonLabel, number[]>, people: number): number {
  const counts = [...byPerson.values()].map(({ length }) => length).sort((a, b) => b - a);
  return counts.slice(0, people).reduce((sum, count) => sum + count, 0);
}
