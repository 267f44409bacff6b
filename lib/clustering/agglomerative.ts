import { yieldToEventLoop } from '../core/cancellation.ts';
import type { Abortable } from '../core/types.ts';
import { Heap } from '../neighbours/heap.ts';
import type { CannotLink } from './cannot-link.ts';
import type { LinkedNodes } from './graph.ts';
import { type DistanceOf, meanDistance } from './mean-distance.ts';

/** Options of {@link agglomerative}. */
export interface AgglomerativeOptions extends Abortable {
  /** The nodes that are never in the same cluster. */
  cannotLink?: CannotLink;
  /** The items of each node, if nodes are clusters already. Links have the mean distances of their items. Default: the node. */
  items?: readonly (readonly number[])[];
}

/** A cluster, while clusters are joined. */
interface GrowingCluster {
  nodes: number[];
  items: readonly number[];
  /** The mean distances to the clusters that it is linked with and may be joined with, by their first nodes. */
  distances: Map<number, number>;
  /** The sets of {@link CannotLink} that hold one of its nodes. Two clusters with a set in common cannot be joined. */
  cannotLinkSets: Set<readonly number[]>;
}

/**
 * Agglomerative clustering with average linkage: joins the two clusters with the smallest mean distance of their
 * items until no two are within the threshold. (FaceNet paper, figure 7)
 *
 * Two clusters whose mean distance is within the threshold have two items whose distance is, too. Only clusters with a
 * link are therefore compared. With all links within the threshold the result is that of comparing
 * every pair; with those of an approximate neighbour graph, time and memory grow with the number of links. The mean
 * distances of a joined cluster follow from those of its parts. (Lance and Williams, "A General Theory of Classificatory
 * Sorting Strategies", 1967)
 *
 * Clusters with two nodes that cannot be linked are never joined. (Davidson and Ravi, "Agglomerative Hierarchical
 * Clustering with Constraints", PKDD 2005)
 *
 * @param graph links within the threshold, none between nodes that cannot be linked.
 * @param within the largest mean distance at which two clusters are joined.
 * @returns a label for each node: the first node of its cluster.
 */
export async function agglomerative(
  graph: LinkedNodes,
  within: number,
  distanceOf: DistanceOf,
  { cannotLink = [], items, signal }: AgglomerativeOptions = {},
): Promise<number[]> {
  /** The clusters by their first nodes. */
  const clusters = new Map<number, GrowingCluster>();
  /** Pairs of clusters: the first one · the number of nodes + the second one. */
  const pairs = new Heap(1);
  const addPair = (a: number, b: number, distance: number) =>
    pairs.push(Math.min(a, b) * graph.size + Math.max(a, b), distance);
  for (let node = 0; node < graph.size; node++) {
    if (node % 64 === 0) await yieldToEventLoop(signal);
    const cluster: GrowingCluster = {
      nodes: [node],
      items: items?.[node] ?? [node],
      distances: new Map(),
      cannotLinkSets: new Set(cannotLink[node]),
    };
    clusters.set(node, cluster);
    graph.forEach(node, (other, distance) => {
      cluster.distances.set(other, distance);
      if (other < node) addPair(node, other, distance);
    });
  }
  while (pairs.size > 0) {
    await yieldToEventLoop(signal);
    const distance = pairs.topDistance;
    const pair = pairs.pop();
    const [kept, removed] = [Math.floor(pair / graph.size), pair % graph.size];
    // If one of the two has been joined with another cluster since, their distance is no longer this one.
    if (clusters.get(kept)?.distances.get(removed) !== distance) continue;
    await join(clusters, kept, removed, distanceOf, signal);
    clusters.get(kept)?.distances.forEach((mean, other) => {
      if (mean <= within) addPair(kept, other, mean);
    });
  }
  const labels = new Array<number>(graph.size);
  for (const [label, { nodes }] of clusters) for (const node of nodes) labels[node] = label;
  return labels;
}

/** Joins the second cluster into the first. */
async function join(
  clusters: Map<number, GrowingCluster>,
  kept: number,
  removed: number,
  distanceOf: DistanceOf,
  signal: AbortSignal | undefined,
): Promise<void> {
  const [a, b] = [clusters.get(kept) as GrowingCluster, clusters.get(removed) as GrowingCluster];
  a.distances.delete(removed);
  b.distances.delete(kept);
  const joined: GrowingCluster = {
    nodes: a.nodes.concat(b.nodes),
    items: a.items.concat(b.items),
    distances: new Map(),
    cannotLinkSets: new Set([...a.cannotLinkSets, ...b.cannotLinkSets]),
  };
  const [aShare, bShare] = [a, b].map(({ items }) => items.length / joined.items.length) as [number, number];
  for (const other of new Set([...a.distances.keys(), ...b.distances.keys()])) {
    const linked = clusters.get(other) as GrowingCluster;
    const meanTo = async (part: GrowingCluster) =>
      part.distances.get(other) ?? (await meanDistance(part.items, linked.items, distanceOf, signal));
    linked.distances.delete(kept);
    linked.distances.delete(removed);
    if (areSeparate(joined, linked)) continue;
    const mean = aShare * (await meanTo(a)) + bShare * (await meanTo(b));
    joined.distances.set(other, mean);
    linked.distances.set(kept, mean);
  }
  clusters.set(kept, joined);
  clusters.delete(removed);
}

/** Whether two clusters have nodes of one set, which cannot be linked. */
function areSeparate({ cannotLinkSets: a }: GrowingCluster, { cannotLinkSets: b }: GrowingCluster): boolean {
  const [smaller, larger] = a.size < b.size ? [a, b] : [b, a];
  for (const set of smaller) if (larger.has(set)) return true;
  return false;
}
