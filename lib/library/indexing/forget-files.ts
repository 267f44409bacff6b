import { FaceNetError } from '../../core/errors.ts';
import type { LibrarySession } from '../session/session.ts';

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
  const forgotten = rows.flatMap((row) => (row && row.state !== 'done' ? [row.number] : []));
  signal?.throwIfAborted();
  if (forgotten.length > 0) await session.commit({ files: { remove: forgotten } });
  return forgotten;
}
