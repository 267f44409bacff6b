import { yieldToEventLoop } from '../../core/cancellation.ts';

/** Faces with the labels of a new grouping. */
interface Labelled {
  /** The numbers of the faces. */
  order: readonly number[];
  labels: readonly number[];
  /** The number of faces, the first ones, whose labels are numbers of people. */
  known: number;
  /** The person of each face before; 0 for none. */
  before: Uint32Array;
}

/**
 * Gives the clusters of a new grouping the numbers of the people that they were before: each cluster, the largest first, takes
 * the person that most of its faces were of, unless another has it. Yields to the event loop.
 *
 * @returns the person of each face of `order`.
 */
export async function matchPeople(
  { order, labels, known, before }: Labelled,
  newPerson: () => number,
  signal?: AbortSignal,
): Promise<number[]> {
  const taken = new Set(labels.slice(0, known));
  const personOf = new Map([...taken].map((label) => [label, label]));
  const clusters = new Map<number, number[]>();
  for (const [i, label] of labels.entries()) {
    if (i % 64 === 0) await yieldToEventLoop(signal);
    if (personOf.has(label)) continue;
    const members = clusters.get(label);
    if (members) members.push(order[i] as number);
    else clusters.set(label, [order[i] as number]);
  }
  const largestFirst = [...clusters].sort(([, a], [, b]) => b.length - a.length);
  for (const [label, members] of largestFirst) {
    await yieldToEventLoop(signal);
    const person = mostCommon(members, before, taken) ?? newPerson();
    taken.add(person);
    personOf.set(label, person);
  }
  return labels.map((label) => personOf.get(label) as number);
}

function mostCommon(members: readonly number[], before: Uint32Array, taken: ReadonlySet<number>): number | undefined {
  const counts = new Map<number, number>();
  for (const face of members) {
    const person = before[face] as number;
    if (person !== 0 && !taken.has(person)) counts.set(person, (counts.get(person) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0];
}
