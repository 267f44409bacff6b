import type { Change } from '../storage/store.ts';
import type { LibrarySession } from './session.ts';

/**
 * Removes the stored neighbour graph. Its next use builds it from the embeddings of all faces. Call `forgetGraph` once the change is
 * stored.
 *
 * @returns the rows to remove.
 */
export async function discardGraph(session: LibrarySession): Promise<NonNullable<Change['graph']>> {
  const blocks = await session.store.count('graph');
  session.meta = { ...session.meta, graphed: 0, relinked: [] };
  return { remove: Array.from({ length: blocks }, (_, number) => number) };
}
