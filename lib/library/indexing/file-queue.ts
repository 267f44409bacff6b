import type { Store } from '../storage/store.ts';
import type { FileRow, FileState } from '../storage/tables.ts';

/** The number of files that are read from the queue at once. */
const batchSize = 8;

/**
 * The next files of the queue: new ones, then changed ones. Empty if none waits.
 *
 * @param skipped the numbers of files that are left out.
 */
export async function nextFiles(store: Store, skipped: ReadonlySet<number> = new Set()): Promise<FileRow[]> {
  // Skipped files are read, too. The limit grows with them: otherwise a long queue of them would be read again for every eight files.
  const limit = batchSize + 2 * skipped.size;
  const listed = async (state: FileState) =>
    (await store.list('files', { by: 'state', from: state, to: state, limit })).filter(
      (row) => !skipped.has(row.number),
    );
  const waiting = await listed('waiting');
  return waiting.length > 0 ? waiting : listed('changed');
}

/** The number of files by state, and of photos. */
export async function countFiles(store: Store) {
  const [done, failed, total, photos] = await Promise.all([
    store.count('files', { by: 'state', from: 'done', to: 'done' }),
    store.count('files', { by: 'state', from: 'failed', to: 'failed' }),
    store.count('files'),
    store.count('photos'),
  ]);
  return { done, failed, total, photos };
}
