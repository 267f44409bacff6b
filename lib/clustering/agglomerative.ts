import { distances } from '../comparison/distance.ts';
import { yieldToEventLoop } from '../core/cancellation.ts';
import type { Abortable, Metric } from '../core/types.ts';
import type { CannotLink } from './cannot-link.ts';

/** Options of {@link agglomerative}. */
export interface AgglomerativeOptions extends Abortable {
  /** The faces that are never in the same cluster. */
  cannotLink?: CannotLink;
}

/**
 * Agglomerative clustering with average linkage: joins the two clusters with the smallest mean distance of their
 * members until no two are within the threshold. The nearest-neighbour chain takes O(n²) time and 2·n² bytes. (FaceNet
 * paper, figure 7; Murtagh, "A Survey of Recent Advances in Hierarchical Clustering", 1983; Lance and Williams, 1967)
 *
 * Faces that cannot be linked are infinitely far apart, and so are, by the mean, all clusters with such a pair. (Davidson
 * and Ravi, "Agglomerative Hierarchical Clustering with Constraints", PKDD 2005)
 *
 * @param within the largest mean distance at which two clusters are joined.
 * @returns a label for each embedding: the index of the first member of its cluster.
 */
export async function agglomerative(
  embeddings: readonly Float32Array[],
  within: number,
  metric: Metric,
  { cannotLink = [], signal }: AgglomerativeOptions = {},
): Promise<number[]> {
  const count = embeddings.length;
  const pairs = await pairDistances(embeddings, metric, signal);
  cannotLink.forEach((sets, a) => {
    for (const b of sets.flat()) if (b < a) pairs[pairIndex(a, b)] = Number.POSITIVE_INFINITY;
  });
  const sizes = new Uint32Array(count).fill(1);
  const parent = Array.from({ length: count }, (_, i) => i);
  const active = Array.from({ length: count }, (_, i) => i);
  const chain: number[] = [];
  for (let joins = 0; joins < count - 1; joins++) {
    if (joins % 64 === 0) await yieldToEventLoop(signal);
    const [a, b, distance] = nextPair(chain, active, pairs);
    const [kept, removed] = a < b ? [a, b] : [b, a];
    active.splice(active.indexOf(removed), 1);
    averageDistances(pairs, active, sizes, kept, removed);
    sizes[kept] = (sizes[kept] as number) + (sizes[removed] as number);
    // Joins beyond the threshold complete the tree, which the chain needs, but do not form clusters.
    if (distance <= within) parent[removed] = kept;
  }
  // A parent precedes its children, so one ascending pass replaces every parent by its root.
  for (let i = 0; i < count; i++) parent[i] = parent[parent[i] as number] as number;
  return parent;
}

/**
 * Extends the chain from its last cluster to the nearest one until two clusters are each other's nearest neighbour.
 *
 * @returns these two, which are removed from the chain, and their distance.
 */
function nextPair(
  chain: number[],
  active: readonly number[],
  pairs: Float32Array,
): [a: number, b: number, distance: number] {
  if (chain.length === 0) chain.push(active[0] as number);
  for (;;) {
    const last = chain.at(-1) as number;
    const previous = chain.at(-2);
    let nearest = previous ?? -1;
    let distance = previous === undefined ? Number.POSITIVE_INFINITY : (pairs[pairIndex(last, previous)] as number);
    for (const other of active) {
      if (other === last || other === previous) continue;
      const candidate = pairs[pairIndex(last, other)] as number;
      // The first candidate counts even at infinite distance, because the tree needs every join.
      if (candidate < distance || nearest < 0) [nearest, distance] = [other, candidate];
    }
    if (nearest === previous) {
      chain.length -= 2;
      return [last, nearest, distance];
    }
    chain.push(nearest);
  }
}

/** Stores the distances of a joined cluster at `kept`: the means over all members, by the Lance–Williams formula. */
function averageDistances(
  pairs: Float32Array,
  active: readonly number[],
  sizes: Uint32Array,
  kept: number,
  removed: number,
): void {
  const [keptSize, removedSize] = [sizes[kept] as number, sizes[removed] as number];
  for (const other of active) {
    if (other === kept) continue;
    pairs[pairIndex(kept, other)] =
      (keptSize * (pairs[pairIndex(kept, other)] as number) +
        removedSize * (pairs[pairIndex(removed, other)] as number)) /
      (keptSize + removedSize);
  }
}

/** The distances of all pairs: the lower triangle of the distance matrix, row by row. */
async function pairDistances(
  embeddings: readonly Float32Array[],
  metric: Metric,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const pairs = new Float32Array((embeddings.length * (embeddings.length - 1)) / 2);
  const distance = distances[metric];
  let index = 0;
  for (let a = 0; a < embeddings.length; a++) {
    if (a % 64 === 0) await yieldToEventLoop(signal);
    for (let b = 0; b < a; b++) pairs[index++] = distance(embeddings[a] as Float32Array, embeddings[b] as Float32Array);
  }
  return pairs;
}

/** The index of a pair in {@link pairDistances}. */
function pairIndex(a: number, b: number): number {
  return a > b ? (a * (a - 1)) / 2 + b : (b * (b - 1)) / 2 + a;
}
