import { distances } from '../comparison/distance.ts';
import { yieldToEventLoop } from '../core/cancellation.ts';
import type { Metric } from '../core/types.ts';

/**
 * Agglomerative clustering with average linkage: the two clusters whose members are nearest on average are joined, until
 * none are within the threshold. By the nearest-neighbour chain it takes time and memory in proportion to n², 2·n² bytes.
 * (FaceNet paper, figure 7; Murtagh, "A Survey of Recent Advances in Hierarchical Clustering", 1983; Lance and Williams,
 * 1967)
 *
 * @param within the largest mean distance of two clusters that are joined.
 * @returns a label for each embedding: the number of the first of its cluster.
 */
export async function agglomerative(
  embeddings: readonly Float32Array[],
  within: number,
  metric: Metric,
  signal?: AbortSignal,
): Promise<number[]> {
  const count = embeddings.length;
  const apart = await allDistances(embeddings, metric, signal);
  const at = (a: number, b: number) => (a > b ? (a * (a - 1)) / 2 + b : (b * (b - 1)) / 2 + a);
  const sizes = new Uint32Array(count).fill(1);
  const parent = Array.from({ length: count }, (_, i) => i);
  const alive = Array.from({ length: count }, (_, i) => i);
  const chain: number[] = [];
  for (let joins = 0; joins < count - 1; joins++) {
    if (joins % 64 === 0) await yieldToEventLoop(signal);
    // From any cluster to its nearest, and on to that one's nearest, until two are each other's.
    if (chain.length === 0) chain.push(alive[0] as number);
    for (;;) {
      const top = chain.at(-1) as number;
      const before = chain.at(-2);
      let nearest = before ?? -1;
      let least = before === undefined ? Number.POSITIVE_INFINITY : (apart[at(top, before)] as number);
      for (const other of alive) {
        if (other === top || other === before) continue;
        const distance = apart[at(top, other)] as number;
        if (distance < least) [nearest, least] = [other, distance];
      }
      if (nearest !== before) {
        chain.push(nearest);
        continue;
      }
      chain.length -= 2;
      const [kept, gone] = top < nearest ? [top, nearest] : [nearest, top];
      const [keptSize, goneSize] = [sizes[kept] as number, sizes[gone] as number];
      alive.splice(alive.indexOf(gone), 1);
      for (const other of alive) {
        if (other === kept) continue;
        const mean =
          (keptSize * (apart[at(kept, other)] as number) + goneSize * (apart[at(gone, other)] as number)) /
          (keptSize + goneSize);
        apart[at(kept, other)] = mean;
      }
      sizes[kept] = keptSize + goneSize;
      // Joins beyond the threshold belong to the tree, but not to the clusters.
      if (least <= within) parent[gone] = kept;
      break;
    }
  }
  return parent.map((_, i) => rootOf(parent, i));
}

function rootOf(parent: readonly number[], node: number): number {
  let root = node;
  while (parent[root] !== root) root = parent[root] as number;
  return root;
}

/** The distances of all pairs, each once: row by row of the lower triangle. */
async function allDistances(
  embeddings: readonly Float32Array[],
  metric: Metric,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const apart = new Float32Array((embeddings.length * (embeddings.length - 1)) / 2);
  const distance = distances[metric];
  let at = 0;
  for (let a = 0; a < embeddings.length; a++) {
    if (a % 64 === 0) await yieldToEventLoop(signal);
    for (let b = 0; b < a; b++) apart[at++] = distance(embeddings[a] as Float32Array, embeddings[b] as Float32Array);
  }
  return apart;
}
