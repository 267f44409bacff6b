import { FaceNetError } from '../../core/errors.ts';
import { Edit } from '../people/edit.ts';
import { discardGraph } from '../session/discard-graph.ts';
import type { LibrarySession } from '../session/session.ts';
import type { PhotoRow } from '../storage/tables.ts';
import { retirePhotos } from './retire-photo.ts';

/**
 * Removes photos with their faces and their files, and the neighbour graph, which is built again at its next use: in a few seconds
 * for 10,000 faces. What can be undone no longer concerns their faces. Call it in `exclusively`.
 *
 * @param ids those that are not in the library are ignored.
 * @returns the number of photos that were removed, and the numbers of their files.
 */
export async function removePhotos(
  session: LibrarySession,
  ids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<{ photos: number; files: number[] }> {
  // A range from undefined would begin with the first photo.
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) {
    throw new FaceNetError('option-invalid', `The photos are ${ids}: pass a list of ids from photos().`);
  }
  const { store } = session;
  const photos: PhotoRow[] = [];
  const files: number[] = [];
  for (const id of new Set(ids)) {
    signal?.throwIfAborted();
    const [photo] = await store.list('photos', { by: 'id', from: id, to: id, limit: 1 });
    if (!photo) continue;
    photos.push(photo);
    const rows = await store.list('files', { by: 'photo', from: photo.number, to: photo.number });
    files.push(...rows.map(({ number }) => number));
  }
  if (photos.length === 0) return { photos: 0, files };
  const edit = new Edit(session.state);
  const retired = await retirePhotos(session, edit, photos);
  signal?.throwIfAborted();
  // The graph lists the faces near each removed one, and holds their embeddings in memory.
  const hadFaces = photos.some(({ faces }) => faces.length > 0);
  const graph = hadFaces ? await discardGraph(session) : {};
  await session.commit({ ...retired, ...edit.changes(), files: { remove: files }, graph });
  if (hadFaces) await session.forgetGraph();
  return { photos: photos.length, files };
}
