import { distances } from '../comparison/distance.ts';
import { yieldToEventLoop } from '../core/cancellation.ts';
import type { Metric } from '../core/types.ts';

/** A link of one node to another, with the distance between them. */
export interface Link {
  to: number;
  distance: number;
}

/** What is told about faces that are linked: an adjacency list, every link in both directions. */
export type Graph = Link[][];

/**
 * Links every two embeddings within a distance of each other. The links are counted in the time that
 * clustering takes, but to find them every pair from `from` on is compared: n²/2 distances.
 *
 * @param embeddings of one model.
 * @param within the largest distance of a link.
 * @param from the first embedding that is new; links among those before it are left out.
 */
export async function linked(
  embeddings: readonly Float32Array[],
  within: number,
  metric: Metric,
  from = 0,
  signal?: AbortSignal,
): Promise<Graph> {
  const graph: Graph = embeddings.map(() => []);
  const distance = distances[metric];
  for (let a = from; a < embeddings.length; a++) {
    if (a % 64 === 0) await yieldToEventLoop(signal);
    for (let b = 0; b < a; b++) {
      const [x, y] = [embeddings[a] as Float32Array, embeddings[b] as Float32Array];
      if (metric === 'euclidean' && surelyFarther(x, y, within)) continue;
      const apart = distance(x, y);
      if (apart > within) continue;
      (graph[a] as Link[]).push({ to: b, distance: apart });
      (graph[b] as Link[]).push({ to: a, distance: apart });
    }
  }
  return graph;
}

/** Whether the first half of the numbers suffices to tell; it does for most strangers. */
function surelyFarther(a: Float32Array, b: Float32Array, within: number): boolean {
  const most = within * within * (1 + 1e-9);
  const half = a.length >> 1;
  let [even, odd] = [0, 0];
  for (let i = 0; i + 1 < half; i += 2) {
    const d0 = (a[i] as number) - (b[i] as number);
    const d1 = (a[i + 1] as number) - (b[i + 1] as number);
    even += d0 * d0;
    odd += d1 * d1;
  }
  return even + odd > most;
}
