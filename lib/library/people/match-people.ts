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
  const clusters = await clustersOf(labels, (label) => personOf.has(label), signal);
  const sizeOf = (cluster: number) => (clusters.starts[cluster + 1] as number) - (clusters.starts[cluster] as number);
  const largestFirst = clusters.labels.map((_, cluster) => cluster).sort((a, b) => sizeOf(b) - sizeOf(a));
  for (const cluster of largestFirst) {
    await yieldToEventLoop(signal);
    const members = clusters.members.subarray(clusters.starts[cluster], clusters.starts[cluster + 1]);
    const person = mostCommon(members, order, before, taken) ?? newPerson();
    taken.add(person);
    personOf.set(clusters.labels[cluster] as number, person);
  }
  return labels.map((label) => personOf.get(label) as number);
}

/** The clusters of a grouping, in typed arrays, because most have few faces and lists of their own would take several times the memory. */
interface Clusters {
  /** The label of each cluster, in the order of their first members. */
  labels: number[];
  /** The members of cluster `c`, as indices of the labels, are those from `starts[c]` to before `starts[c + 1]`. */
  members: Uint32Array;
  starts: Uint32Array;
}

/** The clusters of equal labels. Yields to the event loop. @param isSkipped whether a label is left out. */
async function clustersOf(
  labels: readonly number[],
  isSkipped: (label: number) => boolean,
  signal: AbortSignal | undefined,
): Promise<Clusters> {
  const clusterOf = new Map<number, number>();
  const sizes = new Uint32Array(labels.length);
  for (const [i, label] of labels.entries()) {
    if (i % 64 === 0) await yieldToEventLoop(signal);
    if (isSkipped(label)) continue;
    const cluster = clusterOf.get(label) ?? clusterOf.size;
    clusterOf.set(label, cluster);
    sizes[cluster] = (sizes[cluster] as number) + 1;
  }
  const starts = new Uint32Array(clusterOf.size + 1);
  for (let c = 0; c < clusterOf.size; c++) starts[c + 1] = (starts[c] as number) + (sizes[c] as number);
  const members = new Uint32Array(starts[clusterOf.size] as number);
  const ends = starts.slice();
  for (const [i, label] of labels.entries()) {
    const cluster = clusterOf.get(label);
    if (cluster === undefined) continue;
    const at = ends[cluster] as number;
    members[at] = i;
    ends[cluster] = at + 1;
  }
  return { labels: [...clusterOf.keys()], members, starts };
}

function mostCommon(
  members: Uint32Array,
  order: readonly number[],
  before: Uint32Array,
  taken: ReadonlySet<number>,
): number | undefined {
  const counts = new Map<number, number>();
  for (const member of members) {
    const person = before[order[member] as number] as number;
    if (person !== 0 && !taken.has(person)) counts.set(person, (counts.get(person) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0];
}
