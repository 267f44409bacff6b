import { FaceNetError } from '../../core/errors.ts';
import type { LibrarySession } from '../session/session.ts';
import type { FileRow, PhotoRow } from '../storage/tables.ts';

/**
 * Removes files from the queue and from the list of failed ones. Call it in `exclusively`.
 *
 * @param numbers those of indexed files, whose photos would be left without one, and unknown ones are ignored.
 * @returns the numbers of the removed files.
 * @throws {FaceNetError} `option-invalid`
 */
export async function forgetFiles(
  session: LibrarySession,
  numbers: readonly number[],
  signal: AbortSignal | undefined,
): Promise<number[]> {
  if (!Array.isArray(numbers) || !numbers.every(Number.isInteger)) {
    throw new FaceNetError('option-invalid', `The files are ${numbers}: pass a list of numbers from files().`);
  }
  const rows = await session.store.getAll('files', [...new Set(numbers)]);
  const forgotten = rows.filter((row) => row !== undefined && row.state !== 'done') as FileRow[];
  const remove = forgotten.map(({ number }) => number);
  const photos = await photosOfOthers(session, forgotten);
  signal?.throwIfAborted();
  if (remove.length > 0) await session.commit({ files: { remove }, photos: { put: photos } });
  return remove;
}

/** The photos that state the path of a forgotten file, with that of another file that has them. */
async function photosOfOthers({ store }: LibrarySession, forgotten: readonly FileRow[]): Promise<PhotoRow[]> {
  const isForgotten = new Set(forgotten.map(({ number }) => number));
  const photos = new Map<number, PhotoRow>();
  for (const { path, photo } of forgotten) {
    if (photo === undefined) continue;
    const row = await store.get('photos', photo);
    if (row?.path !== path) continue;
    const files = await store.list('files', { by: 'photo', from: photo, to: photo });
    const other = files.find(({ number }) => !isForgotten.has(number));
    if (other) photos.set(row.number, { ...row, path: other.path });
  }
  return [...photos.values()];
}
