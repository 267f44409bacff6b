import { yieldToEventLoop } from '../core/cancellation.ts';
import { seeded, shuffled } from '../core/random.ts';
import type { Abortable } from '../core/types.ts';
import type { CannotLink } from './cannot-link.ts';
import type { LinkedNodes } from './graph.ts';

/** The maximum number of rounds. Labels settle in far fewer. */
const maxRounds = 50;

/** The number of nodes to update between two checks whether to yield to the event loop. */
const nodesPerYield = 64;

/** Options of {@link chineseWhispers}. */
export interface ChineseWhispersOptions extends Abortable {
  /**
   * Fixed labels of the first nodes. A new node starts with the heaviest label among its known neighbours: starting
   * with their own labels, new nodes that are nearer to each other than to a known one would form a cluster of their
   * own.
   */
  known?: readonly number[];
  /** The nodes that never get the same label, unless both are known. */
  cannotLink?: CannotLink;
  /** Determines the order. The same seed gives the same clusters. */
  seed?: number;
}

/** The nodes and their present labels. */
interface State {
  graph: LinkedNodes;
  within: number;
  labels: number[];
  /** The number of known nodes, which come first and keep their labels. */
  fixed: number;
  cannotLink: CannotLink;
}

/**
 * Chinese Whispers: every node starts with its own label and repeatedly, in random order, adopts the label with the
 * largest weight among its neighbours. Takes time linear in the number of links; building the graph is quadratic in the
 * number of faces. Yields to the event loop. (Biemann, "Chinese Whispers", TextGraphs 2006)
 *
 * Nodes that cannot be linked compete for a label: the one with the larger weight gets it, and the other starts again
 * with a label of its own. Without this rule the result would depend on which of them comes first.
 *
 * @param graph the links, none between nodes that cannot be linked. A link weighs `within` minus its distance.
 * @param within the distance at which a link has no weight.
 * @returns a label for each node: the known ones, and new ones above them.
 */
export async function chineseWhispers(
  graph: LinkedNodes,
  within: number,
  { known = [], cannotLink = [], seed = 1, signal }: ChineseWhispersOptions = {},
): Promise<number[]> {
  const random = seeded(seed);
  const firstNew = known.reduce((max, label) => Math.max(max, label), -1) + 1;
  const labels = Array.from({ length: graph.size }, (_, node) => known[node] ?? firstNew + node);
  const state: State = { graph, within, labels, fixed: known.length, cannotLink };
  let unused = firstNew + graph.size;
  const update = (node: number, end?: number) => {
    const label = heaviestLabel(state, node, end);
    if (label === labels[node]) return false;
    for (const rival of rivalsWith(state, node, label)) labels[rival] = unused++;
    labels[node] = label;
    return true;
  };
  const free = [...labels.keys()].slice(known.length);
  for (const [i, node] of free.entries()) {
    if (i % nodesPerYield === 0) await yieldToEventLoop(signal);
    update(node, known.length);
  }
  for (let round = 0; round < maxRounds; round++) {
    let changed = false;
    for (const [i, node] of shuffled(free, random).entries()) {
      if (i % nodesPerYield === 0) await yieldToEventLoop(signal);
      changed = update(node) || changed;
    }
    if (!changed) break;
  }
  return labels;
}

/**
 * The label with the largest weight among a node's neighbours that no stronger rival has. Among equal weights the
 * node's own label wins, then the lowest, so that the iteration converges.
 *
 * @param end only neighbours before this node count.
 */
function heaviestLabel(state: State, node: number, end?: number): number {
  const own = state.labels[node] as number;
  const weights = labelWeights(state, node, end);
  const isWeaker = (rival: number, label: number, weight: number) =>
    rival >= state.fixed && (labelWeights(state, rival, end).get(label) ?? 0) < weight;
  let [best, maxWeight] = [own, weights.get(own) ?? 0];
  for (const [label, weight] of weights) {
    if (weight < maxWeight || (weight === maxWeight && (label >= best || best === own))) continue;
    if (!rivalsWith(state, node, label).every((rival) => isWeaker(rival, label, weight))) continue;
    [best, maxWeight] = [label, weight];
  }
  return best;
}

/** The weight of each label among a node's neighbours. */
function labelWeights({ graph, labels, within }: State, node: number, end = graph.size): Map<number, number> {
  const weights = new Map<number, number>();
  graph.forEach(node, (other, distance) => {
    if (other >= end) return;
    const label = labels[other] as number;
    weights.set(label, (weights.get(label) ?? 0) + within - distance);
  });
  return weights;
}

/** The nodes that carry `label` and cannot be linked with `node`, which must carry another label. */
function rivalsWith({ labels, cannotLink }: State, node: number, label: number): number[] {
  return (cannotLink[node] ?? []).flatMap((set) => set.filter((other) => labels[other] === label));
}
