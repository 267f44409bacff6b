import { yieldToEventLoop } from '../core/cancellation.ts';
import { evenly } from '../core/evenly.ts';
import type { FaceGraph } from '../neighbours/face-graph.ts';

/** The number of faces that represent a group. It is small, so that a list of neighbours holds faces of several groups. */
const representatives = 4;

/** The faces that represent a group whose lists of neighbours hold its own faces only. */
export function representativesOf(faces: readonly number[]): number[] {
  return evenly(faces, representatives);
}

/**
 * Links groups of faces that the neighbour graph does not link, because the lists of neighbours are full of faces of the own group.
 *
 * @param groups the {@link representativesOf} each group.
 * @param within the largest distance of a link.
 * @param visit called for the links between faces of two groups: the indices of the groups, and the faces. Both directions of a link
 *   may be visited.
 */
export async function visitCrowdedLinks(
  graph: FaceGraph,
  groups: readonly (readonly number[])[],
  within: number,
  visit: (groups: [number, number], faces: [number, number], distance: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const faces = groups.flat();
  const groupOf = groups.flatMap((members, group) => members.map(() => group));
  const among = await graph.among(faces, signal);
  for (const [i, a] of groupOf.entries()) {
    if (i % 64 === 0) await yieldToEventLoop(signal);
    among.lists.forEach(i, within, (other, distance) => {
      const b = groupOf[other] as number;
      if (a !== b) visit([a, b], [faces[i] as number, faces[other] as number], distance);
    });
  }
}
