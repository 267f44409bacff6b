import { checkedNames } from '../../core/checked-options.ts';
import { FaceNetError } from '../../core/errors.ts';
import { seeded, shuffled } from '../../core/random.ts';
import { type PersonLabel, placesByPerson } from './triplets.ts';

/** The composition of a mini-batch. */
export interface BatchOptions {
  /** P, the number of people. An integer, 2 or more. */
  people: number;
  /** K, the number of faces per person. An integer, 2 or more; the FaceNet paper uses about 40. */
  faces: number;
  /** The number of random faces of other people, added as negatives. An integer, 0 or more. @default 0 */
  others?: number;
  /** Random numbers in [0, 1). Default: a generator with a fixed seed. */
  random?: () => number;
}

/**
 * An endless sequence of mini-batches of P people with K faces each, so that each batch has positives (FaceNet paper, arXiv
 * 1503.03832, section 3.2). People with fewer than K faces appear only among the other faces. People are drawn without replacement
 * until fewer than P remain, and each person's faces until fewer than K remain.
 *
 * @param labels the person of each face in the training set.
 * @param options the numbers of people, of faces per person and of other faces, and the random numbers.
 * @returns for each batch the indices of its faces: K of the first person, K of the second and so on, then the other faces.
 * @throws {FaceNetError} `option-invalid` for an invalid option, or when too few people have K faces, or too few faces remain for
 *   the other people.
 *
 * @example
 * const batches = identityBatches(labels, { people: 8, faces: 4 });
 * const indices = batches.next().value; // 32 positions in labels
 */
export function identityBatches(labels: readonly PersonLabel[], options: BatchOptions): Generator<number[]> {
  const {
    people,
    faces,
    others = 0,
    random = seeded(1),
  } = checkedNames(options, {
    ...{ people: true, faces: true, others: true, random: true },
  });
  for (const [name, value, min] of [
    ['people', people, 2],
    ['faces', faces, 2],
    ['others', others, 0],
  ] as const) {
    if (Number.isInteger(value) && value >= min) continue;
    throw new FaceNetError('option-invalid', `${name} is ${value}: use an integer of ${min} or more.`);
  }
  const byPerson = placesByPerson(labels);
  const eligible = [...byPerson.keys()].filter((label) => (byPerson.get(label)?.length ?? 0) >= faces);
  if (eligible.length < people) {
    throw new FaceNetError(
      'option-invalid',
      `${eligible.length} people have ${faces} faces, and a batch needs ${people}: use fewer people or faces per batch, or add faces.`,
    );
  }
  const minOthers = labels.length - facesOfLargest(byPerson, people);
  if (minOthers < others) {
    throw new FaceNetError(
      'option-invalid',
      `others is ${others}, and ${people} people can leave only ${minOthers} other faces: use fewer.`,
    );
  }
  return batches(labels, byPerson, eligible, { people, faces, others, random });
}

function* batches(
  labels: readonly PersonLabel[],
  byPerson: ReadonlyMap<PersonLabel, number[]>,
  eligible: readonly PersonLabel[],
  { people, faces, others, random }: Required<BatchOptions>,
): Generator<number[]> {
  const drawPeople = drawWithoutReplacement(eligible, random);
  const drawFaces = new Map(
    eligible.map((label) => [label, drawWithoutReplacement(byPerson.get(label) ?? [], random)]),
  );
  for (;;) {
    const drawn = drawPeople(people);
    const own = drawn.flatMap((label) => drawFaces.get(label)?.(faces) ?? []);
    const rest = others > 0 ? labels.flatMap((label, i) => (drawn.includes(label) ? [] : [i])) : [];
    yield [...own, ...shuffled(rest, random).slice(0, others)];
  }
}

/** Draws items in random order. When fewer remain than requested, all items are shuffled again. */
function drawWithoutReplacement<T>(items: readonly T[], random: () => number): (count: number) => T[] {
  let remaining: T[] = [];
  return (count) => {
    if (remaining.length < count) remaining = shuffled(items, random);
    return remaining.splice(0, count);
  };
}

/** The total number of faces of the people with the most faces. */
function facesOfLargest(byPerson: ReadonlyMap<PersonLabel, number[]>, people: number): number {
  const counts = [...byPerson.values()].map(({ length }) => length).sort((a, b) => b - a);
  return counts.slice(0, people).reduce((sum, count) => sum + count, 0);
}
