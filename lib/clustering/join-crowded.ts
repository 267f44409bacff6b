import { yieldToEventLoop } from '../core/cancellation.ts';
import type { Abortable } from '../core/types.ts';
import type { FaceGraph } from '../neighbours/face-graph.ts';
import { listLength } from '../neighbours/near-lists.ts';
import { type CannotLink, cannotLinkSets, removeCannotLinks } from './cannot-link.ts';
import { representativesOf, visitCrowdedLinks } from './crowded-links.ts';
import { type Graph, GraphBuilder } from './graph.ts';
import { meanDistance } from './mean-distance.ts';

/** Faces with the labels of a first clustering. */
interface Labelled {
  /** The numbers of the faces, in canonical order after the known ones. */
  faces: readonly number[];
  labels: readonly number[];
  /** How many of the first faces keep their labels. */
  known: number;
  cannotLink: CannotLink;
}

/** How clusters are clustered. */
interface Joining extends Abortable {
  /** The distance within which two faces or clusters are linked. */
  within: number;
  /** Whether the mean distance of all faces of two clusters counts, instead of that of a few. */
  averagesAll: boolean;
  /**
   * Labels linked clusters.
   *
   * @param links between clusters that can be linked.
   * @param given the faces of each cluster, the labels of the first ones, which they keep, and the clusters that cannot be linked.
   */
  cluster(
    links: Graph,
    given: { items: readonly (readonly number[])[]; known: readonly number[]; cannotLink: CannotLink },
  ): Promise<number[]>;
}

/**
 * Joins clusters of one person that the neighbour graph does not link. If a face has more near-copies, or photos of the same moment,
 * than its list of neighbours can hold, it lists nothing else, and each photo with its copies becomes a cluster. Such clusters are
 * linked by a few faces of each, and clustered again.
 *
 * @returns the labels. Clusters of known faces keep theirs; no cluster gets the label of one that it cannot be linked with.
 */
export async function joinCrowded(
  graph: FaceGraph,
  { faces, labels, known, cannotLink }: Labelled,
  { within, averagesAll, cluster, signal }: Joining,
): Promise<number[]> {
  const clusters = await crowdedClusters(graph, faces, labels, within, signal);
  if (clusters.size < 2) return [...labels];
  const knownLabels = new Set(labels.slice(0, known));
  const order = [...clusters.keys()].sort((a, b) => Number(knownLabels.has(b)) - Number(knownLabels.has(a)));
  const fixed = order.filter((label) => knownLabels.has(label));
  const members = order.map((label) => (clusters.get(label) as number[]).map((i) => faces[i] as number));
  const chosen = members.map(representativesOf);
  const averaged = averagesAll ? members : chosen;
  const links = await clusterLinks(graph, { chosen, averaged }, within, signal);
  const separate = cannotLinkSets(
    order.map(() => undefined),
    await pairsOf(order, { clusters, labels, cannotLink }, signal),
  );
  await removeCannotLinks(links, separate, signal);
  const joined = await cluster(links, { items: members, known: fixed, cannotLink: separate });
  // Each cluster takes the label of the first cluster that it was joined with, or of the known one.
  const labelOf = new Map<number, number>(fixed.map((label) => [label, label]));
  const replaced = new Map<number, number>();
  order.forEach((label, i) => {
    const group = joined[i] as number;
    if (!labelOf.has(group)) labelOf.set(group, label);
    replaced.set(label, labelOf.get(group) as number);
  });
  return labels.map((label) => replaced.get(label) ?? label);
}

/** The clusters with a face whose list is full of faces within the distance: by label, the indices of their faces. */
async function crowdedClusters(
  { lists }: FaceGraph,
  faces: readonly number[],
  labels: readonly number[],
  within: number,
  signal: AbortSignal | undefined,
): Promise<Map<number, number[]>> {
  const crowded = new Map<number, number[]>();
  for (const [i, face] of faces.entries()) {
    if (i % 64 === 0) await yieldToEventLoop(signal);
    let listed = 0;
    lists.forEach(face, within, () => {
      listed++;
    });
    if (listed === listLength) crowded.set(labels[i] as number, []);
  }
  labels.forEach((label, i) => {
    crowded.get(label)?.push(i);
  });
  return crowded;
}

/** Links clusters that chosen faces link, if the mean distance of the averaged faces is within the distance. */
async function clusterLinks(
  graph: FaceGraph,
  { chosen, averaged }: Record<'chosen' | 'averaged', readonly (readonly number[])[]>,
  within: number,
  signal: AbortSignal | undefined,
): Promise<Graph> {
  const pairs = chosen.map(() => new Set<number>());
  const addPair = ([a, b]: [number, number]) => pairs[Math.min(a, b)]?.add(Math.max(a, b));
  await visitCrowdedLinks(graph, chosen, within, addPair, signal);
  const links = new GraphBuilder(chosen.length);
  const distanceOf = (a: number, b: number) => graph.distance(a, b);
  for (const [a, others] of pairs.entries()) {
    for (const b of others) {
      const [x, y] = [averaged[a] as readonly number[], averaged[b] as readonly number[]];
      const distance = await meanDistance(x, y, distanceOf, signal);
      if (distance <= within) links.link(a, b, distance);
    }
  }
  return links.build(signal);
}

/** The pairs of clusters with faces that cannot be linked, by their indices in the order. */
async function pairsOf(
  order: readonly number[],
  {
    clusters,
    labels,
    cannotLink,
  }: Pick<Labelled, 'labels' | 'cannotLink'> & { clusters: ReadonlyMap<number, number[]> },
  signal: AbortSignal | undefined,
): Promise<[number, number][]> {
  const indexOf = new Map(order.map((label, i) => [label, i]));
  const pairs = new Map<string, [number, number]>();
  for (const [a, label] of order.entries()) {
    for (const face of clusters.get(label) ?? []) {
      await yieldToEventLoop(signal);
      for (const other of (cannotLink[face] ?? []).flat()) {
        const b = indexOf.get(labels[other] as number);
        if (b !== undefined && b < a) pairs.set(`${b} ${a}`, [b, a]);
      }
    }
  }
  return [...pairs.values()];
}
