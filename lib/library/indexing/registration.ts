import { abortable } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { PhotoSources } from '../model/types.ts';
import { isCurrent } from '../photos/index-key.ts';
import { type ListedFile, listFiles } from '../photos/sources.ts';
import type { LibrarySession } from '../session/session.ts';
import { type FileRow, handleOf } from '../storage/tables.ts';

/** The number of files to register in one transaction. */
const batchSize = 50;

/**
 * Adds files to the queue. A file that was indexed is skipped if its path, size and time of modification are the same, and
 * waits again if they are not, if it failed before, or if another detector or landmarker is in use than indexed it.
 *
 * @param opened holds the files of this page, by the number of their row, so that they are not read from stored copies.
 * @param onRegistered called after each batch.
 * @param signal stops an asynchronous sequence. Sources in a list are all registered, so that an aborted `add()` can be resumed.
 */
export async function registerFiles(
  session: LibrarySession,
  sources: PhotoSources,
  opened: Map<number, File>,
  onRegistered: () => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const stop = Symbol.asyncIterator in sources ? signal : undefined;
  const files = listFiles(sources);
  let batch: ListedFile[] = [];
  const flush = async () => {
    stop?.throwIfAborted();
    const listed = batch;
    batch = [];
    await session.exclusively(() => registerBatch(session, listed, opened));
    onRegistered();
  };
  // A sequence may wait for its next file for ever.
  const next = () => abortable(files.next(), stop);
  try {
    for (let result = await next(); !result.done; result = await next()) {
      batch.push(result.value);
      if (batch.length === batchSize) await flush();
    }
  } catch (error) {
    // Closes the sequence, as soon as it no longer waits.
    files.return(undefined).catch(() => {});
    throw error;
  }
  if (batch.length > 0) await flush();
}

async function registerBatch(
  session: LibrarySession,
  listed: readonly ListedFile[],
  opened: Map<number, File>,
): Promise<void> {
  const { store, options } = session;
  const rows: FileRow[] = [];
  let number = session.meta.next.file;
  for (const { path, file, handle } of listed) {
    const [known] = await store.list('files', { by: 'path', from: path, to: path, limit: 1 });
    const isSame = known?.size === file.size && known.modified === file.lastModified;
    if (known?.state === 'done' && isSame && (await hasCurrentPhoto(session, known))) continue;
    const source = handle ?? (options.storeFiles ? file : undefined);
    const row: FileRow = {
      number: known?.number ?? number++,
      path,
      size: file.size,
      modified: file.lastModified,
      state: known && (known.state === 'done' || known.state === 'changed') ? 'changed' : 'waiting',
      attempts: 0,
      ...(known?.photo !== undefined && { photo: known.photo }),
      ...(source && { source }),
    };
    rows.push(row);
    opened.set(row.number, file);
  }
  session.meta = { ...session.meta, next: { ...session.meta.next, file: number } };
  try {
    await session.commit({ files: { put: rows } });
  } catch (error) {
    if (!(error instanceof FaceNetError && error.code === 'storage-full')) throw error;
    // There is no space for copies of the files: this page can index them without copies.
    await session.commit({ files: { put: rows.map(withoutCopy) } });
  }
}

function withoutCopy({ source, ...row }: FileRow): FileRow {
  const handle = handleOf(source);
  return { ...row, ...(handle && { source: handle }) };
}

/** Whether the photo of a file was indexed as photos are now. */
async function hasCurrentPhoto({ store, options }: LibrarySession, { photo }: FileRow): Promise<boolean> {
  const row = photo === undefined ? undefined : await store.get('photos', photo);
  return row !== undefined && isCurrent(row, options.facenet);
}
