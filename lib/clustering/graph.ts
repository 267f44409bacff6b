import { distances } from '../comparison/distance.ts';
import { yieldToEventLoop } from '../core/cancellation.ts';
import type { Metric } from '../core/types.ts';

/** A link to another node. */
export interface Link {
  to: number;
  distance: number;
}

/** An adjacency list: the links of each node. Every link is stored in both directions. */
export type Graph = Link[][];

/**
 * Links every two embeddings within a distance of each other. Compares each new embedding with all before it: n²/2
 * distances if all are new.
 *
 * @param embeddings of one model.
 * @param within the largest distance of a link.
 * @param from the index of the first new embedding. Links among earlier ones are omitted.
 */
export async function linkNeighbours(
  embeddings: readonly Float32Array[],
  within: number,
  metric: Metric,
  from = 0,
  signal?: AbortSignal,
): Promise<Graph> {
  const graph: Graph = embeddings.map(() => []);
  const distanceOf = distances[metric];
  for (let a = from; a < embeddings.length; a++) {
    if (a % 64 === 0) await yieldToEventLoop(signal);
    for (let b = 0; b < a; b++) {
      const [x, y] = [embeddings[a] as Float32Array, embeddings[b] as Float32Array];
      if (metric === 'euclidean' && isFarther(x, y, within)) continue;
      const distance = distanceOf(x, y);
      if (distance > within) continue;
      (graph[a] as Link[]).push({ to: b, distance });
      (graph[b] as Link[]).push({ to: a, distance });
    }
  }
  return graph;
}

/**
 * Whether the first half of the elements alone exceeds the distance, with a margin for rounding. True for most
 * strangers.
 */
function isFarther(a: Float32Array, b: Float32Array, within: number): boolean {
  const maxSum = within * within * (1 + 1e-9);
  const half = a.length >> 1;
  let [even, odd] = [0, 0];
  for (let i = 0; i + 1 < half; i += 2) {
    const d0 = (a[i] as number) - (b[i] as number);
    const d1 = (a[i + 1] as number) - (b[i + 1] as number);
    even += d0 * d0;
    odd += d1 * d1;
  }
  return even + odd > maxSum;
}
