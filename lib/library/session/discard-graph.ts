import type { Change } from '../storage/store.ts';
import type { LibrarySession } from './session.ts';

/**
 * The share of faces that may be removed after the neighbour graph linked them. Their embeddings are overwritten, so that searches no longer
 * pass through them after the next start.
 */
const maxRemovedShare = 0.1;

/**
 * Removes the stored neighbour graph. Its next use builds it from the embeddings of all faces. Call `forgetGraph` once the change is
 * stored.
 *
 * @returns the rows to remove.
 */
export async function discardGraph(session: LibrarySession): Promise<NonNullable<Change['graph']>> {
  const blocks = await session.store.count('graph');
  session.meta = { ...session.meta, graphed: 0, relinked: [], removed: 0 };
  return { remove: Array.from({ length: blocks }, (_, number) => number) };
}

/** Discards the neighbour graph if many faces were removed that it links, as {@link discardGraph} does. Call it in `exclusively`. */
export async function discardWornGraph(session: LibrarySession): Promise<void> {
  const { removed = 0 } = session.meta;
  if (removed <= maxRemovedShare * session.state.columns.size) return;
  await session.commit({ graph: await discardGraph(session) });
  await session.forgetGraph();
}
