import { distances } from '../comparison/distance.ts';
import { yieldToEventLoop } from '../core/cancellation.ts';
import { evenly } from '../core/evenly.ts';
import type { Metric } from '../core/types.ts';

/** Each member is compared with at most this many: the time would be quadratic in the size of a cluster. */
const maxCompared = 500;

/**
 * The representative of a cluster: its medoid, the member with the smallest mean distance to the others, weighted by
 * quality. In a cluster of more than 500 members only the distances to 500 of them count. Yields to the event loop.
 *
 * @param members the indices of the cluster's members, at least one.
 * @param qualityOf the quality of a member, 0 to 1. Members of higher quality weigh more and are preferred.
 * @returns one of `members`.
 */
export async function representative(
  members: readonly number[],
  embeddings: readonly Float32Array[],
  qualityOf: (member: number) => number,
  metric: Metric,
  signal?: AbortSignal,
): Promise<number> {
  const distanceOf = distances[metric];
  // A minimum weight, so that a cluster whose qualities are all 0 has a medoid too.
  const weightOf = (member: number) => Math.max(qualityOf(member), 1e-3);
  let [best, minCost] = [members[0] as number, Number.POSITIVE_INFINITY];
  const compared = evenly(members, maxCompared);
  for (const member of members) {
    await yieldToEventLoop(signal);
    let sum = 0;
    for (const other of compared) {
      const distance = distanceOf(embeddings[member] as Float32Array, embeddings[other] as Float32Array);
      sum += weightOf(other) * distance;
    }
    const cost = (sum + Number.EPSILON) / weightOf(member);
    if (cost < minCost) [best, minCost] = [member, cost];
  }
  return best;
}
