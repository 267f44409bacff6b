import { abortable } from '../../core/cancellation.ts';
import type { PhotoSources } from '../model/types.ts';
import { isCurrent, isSameKey } from '../photos/index-key.ts';
import { type ListedFile, listFiles, type UnreadableFile } from '../photos/sources.ts';
import type { LibrarySession } from '../session/session.ts';
import { type FileRow, handleOf } from '../storage/tables.ts';
import { commitFiles } from './copies.ts';
import { isQueued } from './file-version.ts';

/** The number of files to register in one transaction. */
const batchSize = 50;

/** How long a file of a sequence waits for the next one before it is registered without it, in milliseconds. */
const maxWait = 100;

/**
 * Adds files to the queue. A file that was indexed is skipped if its path, size and time of modification are the same, and
 * waits again if they are not, if it failed before, or if other models or options of the search are in use than indexed it. One that waits
 * unchanged keeps its attempts, and one that used all of them up is skipped unless other models are in use. A file that cannot be
 * opened is registered as failed.
 *
 * @param opened holds the files of this page, by the number of their row, so that they are not read from stored copies.
 * @param onRegistered called after each batch. The files of a sequence that pauses are a batch, too.
 * @param signal stops an asynchronous sequence: the files that it gave until then are registered. Sources in a list are all registered, so that an `add()` that was aborted or ended by
 *   `close()` can be resumed.
 */
export async function registerFiles(
  session: LibrarySession,
  sources: PhotoSources,
  opened: Map<number, File>,
  onRegistered: () => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const isSequence = Symbol.asyncIterator in sources;
  const stop = isSequence ? signal : undefined;
  const files = listFiles(sources);
  let batch: (ListedFile | UnreadableFile)[] = [];
  const flush = async () => {
    const listed = batch;
    batch = [];
    await session.exclusively(() => registerBatch(session, listed, opened));
    onRegistered();
  };
  // A sequence may wait for its next file for ever.
  const next = () => abortable(files.next(), stop);
  try {
    for (;;) {
      const pending = next();
      if (isSequence && batch.length > 0 && !(await settlesWithin(maxWait, pending))) await flush();
      const result = await pending;
      if (result.done) break;
      batch.push(result.value);
      if (batch.length === batchSize) await flush();
    }
  } catch (error) {
    // Closes the sequence, as soon as it no longer waits.
    files.return(undefined).catch(() => {});
    if (batch.length > 0) {
      await flush().catch((failure: unknown) => {
        if (!stop?.aborted) throw failure;
      });
    }
    throw error;
  }
  if (batch.length > 0) await flush();
}

/** Whether a promise settles within some milliseconds. Until then, its rejection counts as handled. */
async function settlesWithin(duration: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), duration);
  });
  const settled = promise.then(
    () => true,
    () => true,
  );
  const isSettled = await Promise.race([settled, late]);
  clearTimeout(timer);
  return isSettled;
}

async function registerBatch(
  session: LibrarySession,
  listed: readonly (ListedFile | UnreadableFile)[],
  opened: Map<number, File>,
): Promise<void> {
  const { store } = session;
  const rows = new Map<number, FileRow>();
  const files = new Map<number, File>();
  let number = session.meta.next.file;
  for (const item of listed) {
    const stored = await store.list('files', { by: 'path', from: item.path, to: item.path });
    const added = [...rows.values()].filter(({ path }) => path === item.path);
    const known = await knownFile([...added, ...stored.filter((row) => !rows.has(row.number))], item);
    const row = 'file' in item ? await rowOf(session, item, known) : failedRow(item, known);
    if (!row) continue;
    const registered = { ...row, number: known?.number ?? number++ };
    if (row !== known) rows.set(registered.number, registered);
    if ('file' in item) files.set(registered.number, item.file);
  }
  session.meta = { ...session.meta, next: { ...session.meta.next, file: number } };
  await commitFiles(session, [...rows.values()], opened);
  for (const [number, file] of files) opened.set(number, file);
}

/**
 * The row of a file that was registered before. Other contents under one name without a folder are another file, because cameras
 * use the same names again.
 *
 * @param rows those with the path of the file.
 */
async function knownFile(rows: readonly FileRow[], item: ListedFile | UnreadableFile): Promise<FileRow | undefined> {
  const { path, handle } = item;
  const others: FileRow[] = [];
  for (const row of rows) {
    const other = handleOf(row.source);
    if (!handle || !other) others.push(row);
    else if (await isSameEntry(handle, other)) return row;
  }
  const unchanged = others.find((row) => 'file' in item && isUnchanged(row, item.file));
  if (unchanged) return unchanged;
  if (path.includes('/') && others[0]) return others[0];
  // Nothing is lost with a file that failed and cannot be read again.
  return others.find(({ state, photo, source }) => state === 'failed' && photo === undefined && !source);
}

function isUnchanged({ size, modified }: FileRow, file: File): boolean {
  return size === file.size && modified === file.lastModified;
}

async function isSameEntry(handle: FileSystemFileHandle, other: FileSystemFileHandle): Promise<boolean> {
  return handle.isSameEntry(other).catch(() => false);
}

/** The row of a file that has to be indexed: `known` itself if nothing of it changes; undefined if the file need not be indexed. */
async function rowOf(
  session: LibrarySession,
  { path, file, handle }: ListedFile,
  known: FileRow | undefined,
): Promise<Omit<FileRow, 'number'> | undefined> {
  const copy = session.options.storeFiles ? file : undefined;
  if (known && isUnchanged(known, file)) {
    if (await isSettled(session, known)) return undefined;
    if (isQueued(known)) return withSource(known, handleOf(known.source) ?? handle ?? known.source ?? copy);
  }
  const source = handle ?? copy;
  return {
    path,
    size: file.size,
    modified: file.lastModified,
    state: known?.photo === undefined ? 'waiting' : 'changed',
    attempts: 0,
    ...(known?.photo !== undefined && { photo: known.photo }),
    ...(source && { source }),
  };
}

/** Whether indexing an unchanged file again would change nothing, or end the page or the worker again. */
async function isSettled(session: LibrarySession, known: FileRow): Promise<boolean> {
  if (known.state === 'failed') return known.lostWith !== undefined && isSameKey(known.lostWith, session.options);
  return known.state === 'done' && hasCurrentPhoto(session, known);
}

function withSource(row: FileRow, source: FileRow['source']): FileRow {
  return !source || source === row.source ? row : { ...row, source };
}

/** The row of a file that cannot be opened; undefined if it was registered before and did not fail, or failed for another reason. */
function failedRow(
  { path, handle, error }: UnreadableFile,
  known: FileRow | undefined,
): Omit<FileRow, 'number'> | undefined {
  if (known && (known.state !== 'failed' || known.lostWith)) return undefined;
  const { size = 0, modified = 0, attempts = 0, photo } = known ?? {};
  const reason = { code: error.code, message: error.message };
  return {
    ...{ path, size, modified, state: 'failed', attempts: attempts + 1, reason, source: handle },
    ...(photo !== undefined && { photo }),
  };
}

/** Whether the photo of a file was indexed as photos are now. */
async function hasCurrentPhoto({ store, options }: LibrarySession, { photo }: FileRow): Promise<boolean> {
  const row = photo === undefined ? undefined : await store.get('photos', photo);
  return row !== undefined && isCurrent(row, options);
}
