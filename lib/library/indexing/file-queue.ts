import type { Store } from '../storage/store.ts';
import type { FileRow, FileState } from '../storage/tables.ts';

/** The number of files that are read from the queue at once. */
const batchSize = 8;

/** The next files of the queue: new ones, then changed ones. Empty if none waits. */
export async function nextFiles(store: Store): Promise<FileRow[]> {
  const listed = (state: FileState) => store.list('files', { by: 'state', from: state, to: state, limit: batchSize });
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
