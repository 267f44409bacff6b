import { distances } from '../comparison/distance.ts';
import type { Metric } from '../core/types.ts';

/**
 * The member that stands best for a cluster: the medoid, to which the others are nearest on average, where members of
 * better quality count for more and are taken sooner.
 *
 * @param members the numbers of the cluster's members, at least one.
 * @param qualityOf the quality of a member, 0 to 1.
 * @returns one of `members`.
 */
export function representative(
  members: readonly number[],
  embeddings: readonly Float32Array[],
  qualityOf: (member: number) => number,
  metric: Metric,
): number {
  const distance = distances[metric];
  // No quality is nothing: a cluster of such members has a medoid too.
  const weight = (member: number) => Math.max(qualityOf(member), 1e-3);
  let [best, least] = [members[0] as number, Number.POSITIVE_INFINITY];
  for (const member of members) {
    let sum = 0;
    for (const other of members) {
      const apart = distance(embeddings[member] as Float32Array, embeddings[other] as Float32Array);
      sum += weight(other) * apart;
    }
    const cost = (sum + Number.EPSILON) / weight(member);
    if (cost < least) [best, least] = [member, cost];
  }
  return best;
}
