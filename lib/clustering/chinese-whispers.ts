import { seeded, shuffled } from '../core/random.ts';
import type { Graph } from './graph.ts';

/** The maximum number of rounds. Labels settle in far fewer. */
const maxRounds = 50;

/**
 * Chinese Whispers: every node starts with its own label and repeatedly, in random order, adopts the label with the
 * largest weight among its neighbours. Takes time linear in the number of links; building the graph is quadratic in the
 * number of faces. (Biemann, "Chinese Whispers", TextGraphs 2006)
 *
 * @param graph the links. A link weighs `within` minus its distance.
 * @param within the distance at which a link has no weight.
 * @param known fixed labels of the first nodes. A new node starts with the heaviest label among its known neighbours:
 *   starting with their own labels, new nodes that are nearer to each other than to a known one would form a cluster of
 *   their own.
 * @param seed determines the order. The same seed gives the same clusters.
 * @returns a label for each node: the known ones, and new ones above them.
 */
export function chineseWhispers(graph: Graph, within: number, known: readonly number[] = [], seed = 1): number[] {
  const random = seeded(seed);
  const firstNew = known.reduce((max, label) => Math.max(max, label), -1) + 1;
  const labels = graph.map((_, node) => known[node] ?? firstNew + node);
  const free = graph.map((_, node) => node).slice(known.length);
  for (const node of free) labels[node] = heaviestLabel(graph, labels, node, within, known.length);
  for (let round = 0; round < maxRounds; round++) {
    let changed = false;
    for (const node of shuffled(free, random)) {
      const label = heaviestLabel(graph, labels, node, within);
      if (label === labels[node]) continue;
      labels[node] = label;
      changed = true;
    }
    if (!changed) break;
  }
  return labels;
}

/**
 * The label with the largest weight among a node's neighbours. Among equal weights the node's own label wins, then the
 * lowest, so that the iteration converges.
 *
 * @param end only neighbours before this node count.
 */
function heaviestLabel(
  graph: Graph,
  labels: readonly number[],
  node: number,
  within: number,
  end = graph.length,
): number {
  const own = labels[node] as number;
  const weights = new Map<number, number>();
  for (const { to, distance } of graph[node] ?? []) {
    if (to >= end) continue;
    const label = labels[to] as number;
    weights.set(label, (weights.get(label) ?? 0) + within - distance);
  }
  let [best, maxWeight] = [own, weights.get(own) ?? 0];
  for (const [label, weight] of weights) {
    if (weight > maxWeight || (weight === maxWeight && label < best && best !== own)) {
      [best, maxWeight] = [label, weight];
    }
  }
  return best;
}
