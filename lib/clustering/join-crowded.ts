import { yieldToEventLoop } from '../core/cancellation.ts';
import type { FaceGraph } from '../neighbours/face-graph.ts';
import { listLength } from '../neighbours/near-lists.ts';
import { type CannotLink, cannotLinkSets, removeCannotLinks } from './cannot-link.ts';
import { chineseWhispers } from './chinese-whispers.ts';
import { representativesOf, visitCrowdedLinks } from './crowded-links.ts';
import { type Graph, GraphBuilder } from './graph.ts';

/** Faces with the labels of a first clustering. */
interface Labelled {
  /** The numbers of the faces, in canonical order after the known ones. */
  faces: readonly number[];
  labels: readonly number[];
  /** How many of the first faces keep their labels. */
  known: number;
  cannotLink: CannotLink;
}

/**
 * Joins clusters of one person that the neighbour graph does not link. If a face has more near-copies, or photos of the same moment,
 * than its list of neighbours can hold, it lists nothing else, and each photo with its copies becomes a cluster. A few faces of each
 * such cluster are clustered again.
 *
 * @returns the labels. Clusters of known faces keep theirs; no cluster gets the label of one that it cannot be linked with.
 */
export async function joinCrowded(
  graph: FaceGraph,
  { faces, labels, known, cannotLink }: Labelled,
  within: number,
  signal?: AbortSignal,
): Promise<number[]> {
  const clusters = await crowdedClusters(graph, faces, labels, within, signal);
  if (clusters.size < 2) return [...labels];
  const knownLabels = new Set(labels.slice(0, known));
  const order = [...clusters.keys()].sort((a, b) => Number(knownLabels.has(b)) - Number(knownLabels.has(a)));
  const fixed = order.filter((label) => knownLabels.has(label));
  const chosen = order.map((label) =>
    representativesOf(clusters.get(label) as number[]).map((i) => faces[i] as number),
  );
  const links = await clusterLinks(graph, chosen, within, signal);
  const separate = cannotLinkSets(
    order.map(() => undefined),
    await pairsOf(order, { clusters, labels, cannotLink }, signal),
  );
  const options = { known: fixed, cannotLink: separate, signal };
  await removeCannotLinks(links, separate, signal);
  const joined = await chineseWhispers(links, within, options);
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

/** Links clusters if the mean distance of their chosen faces is within the distance. */
async function clusterLinks(
  graph: FaceGraph,
  chosen: readonly (readonly number[])[],
  within: number,
  signal: AbortSignal | undefined,
): Promise<Graph> {
  const compared = chosen.map(() => new Set<number>());
  const links = new GraphBuilder(chosen.length);
  const link = ([a, b]: [number, number]) => {
    if (compared[a]?.has(b)) return;
    compared[a]?.add(b);
    compared[b]?.add(a);
    const distance = meanDistance(graph, chosen[a] as readonly number[], chosen[b] as readonly number[]);
    if (distance <= within) links.link(a, b, distance);
  };
  await visitCrowdedLinks(graph, chosen, within, link, signal);
  return links.build(signal);
}

function meanDistance(graph: FaceGraph, a: readonly number[], b: readonly number[]): number {
  const distances = a.flatMap((face) => b.map((other) => graph.distance(face, other)));
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
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
