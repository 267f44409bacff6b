import { seeded, shuffled } from '../core/random.ts';
import type { Graph } from './graph.ts';

/** How often everybody listens at most; labels settle in far fewer rounds. */
const rounds = 50;

/**
 * Chinese Whispers: every node starts as a cluster of its own and takes over, again and again and in random order, the label
 * that weighs most among its neighbours. Its time is linear in the number of links; finding them, which comes before, is
 * quadratic in the number of faces ({@link linked}). (Biemann, "Chinese Whispers", TextGraphs 2006)
 *
 * @param graph the links; nearer ones weigh more, in proportion to what is left of `within`.
 * @param within the distance at which a link would weigh nothing.
 * @param known the labels of the first nodes where they have some: they keep them, and new nodes join. A new node begins with the
 *   label that weighs most among those of its neighbours: else two new ones, nearer to each other than to an old one that cannot
 *   listen to them, would keep apart from it.
 * @param seed decides the order; the same seed gives the same clusters.
 * @returns a label for each node: those known, and new ones above them.
 */
export function chineseWhispers(graph: Graph, within: number, known: readonly number[] = [], seed = 1): number[] {
  const random = seeded(seed);
  const first = known.reduce((most, label) => Math.max(most, label), -1) + 1;
  const labels = graph.map((_, node) => known[node] ?? first + node);
  const free = graph.map((_, node) => node).slice(known.length);
  for (const node of free) labels[node] = loudestLabel(graph, labels, node, within, known.length);
  for (let round = 0; round < rounds; round++) {
    let changed = false;
    for (const node of shuffled(free, random)) {
      const loudest = loudestLabel(graph, labels, node, within);
      if (loudest === labels[node]) continue;
      labels[node] = loudest;
      changed = true;
    }
    if (!changed) break;
  }
  return labels;
}

/**
 * The label that weighs most around a node; of several its own, or else the lowest, so that it comes to rest.
 *
 * @param heard only the nodes before this one are.
 */
function loudestLabel(
  graph: Graph,
  labels: readonly number[],
  node: number,
  within: number,
  heard = graph.length,
): number {
  const own = labels[node] as number;
  const weights = new Map<number, number>();
  for (const { to, distance } of graph[node] ?? []) {
    if (to >= heard) continue;
    const label = labels[to] as number;
    weights.set(label, (weights.get(label) ?? 0) + within - distance);
  }
  let [best, most] = [own, weights.get(own) ?? 0];
  for (const [label, weight] of weights) {
    if (weight > most || (weight === most && label < best && best !== own)) [best, most] = [label, weight];
  }
  return best;
}
