import { deleteDB } from 'idb';
import { FaceNetError } from '../../core/errors.ts';
import { requireIndexedDB } from '../../core/storage-errors.ts';
import { calledOnce } from './blocked-notice.ts';
import { type Connection, connect, databaseName, deleteDatabase } from './connection.ts';
import { isFullDisk } from './full-disk.ts';
import { withWebLock } from './locks.ts';
import type { BlockedOptions, Change, WriteOptions } from './store.ts';
import { commit, isAtEnd, logLength, logRows, mergedLog, revisionOf, writeAll } from './transactions.ts';

/**
 * A database is replaced in these steps, so that the page can be killed at any of them:
 *
 * 1. All records are written to a second database.
 * 2. The first database is marked as replaced, provided that it has not changed. From here on the second one counts.
 * 3. The first database is deleted, and created again with the records of the second.
 * 4. The second database is deleted.
 *
 * A Web Lock, which the browser releases when the page ends, keeps other tabs from opening the gallery meanwhile. If a
 * tab finds a second database, it ends the replacement from step 3 on, or, before step 2, deletes the second database.
 *
 * @param options.onReplaced called after step 2, before the connection is closed.
 * @returns false if the gallery has changed meanwhile; then it stays as it is.
 * @throws {DOMException} `InvalidStateError` if the connection was closed meanwhile. Then nothing was written.
 */
export async function replaceDatabase(
  gallery: string,
  db: Connection,
  expected: number,
  change: Change,
  { signal, onBlocked, onCommit, onReplaced }: WriteOptions & { onReplaced: () => void },
): Promise<boolean> {
  const waiting = { signal, onBlocked: calledOnce(onBlocked) };
  const work = async () => {
    // Another tab can have replaced the database during the wait. If it ended in step 3, the second database has all records.
    const stored = await db.get('meta', 'gallery');
    if (stored?.replaced || revisionOf(stored) !== expected) return false;
    const [rows, head] = await Promise.all([logRows(db), db.get('log', 'head')]);
    // An entry that was added since the change was planned must not be lost.
    const length = change.log?.expected ?? logLength(head);
    if (logLength(head) !== length) return false;
    onCommit();
    const name = replacementName(gallery);
    await deleteDB(name);
    const log = mergedLog(rows, head, change);
    const isMarked = await onlyIfTrue(name, async () => {
      const second = await connect(name, {});
      try {
        await commit(second, 0, { ...change, ...(log && { log: { ...log, expected: 0 } }) }, expected + 1);
      } finally {
        second.close();
      }
      return markReplaced(db, expected, length);
    });
    if (!isMarked) return false;
    onReplaced();
    db.close();
    // The replacement counts now: a failure of the next step does not fail the call. The next opening repeats it.
    await finishReplacement(gallery, waiting.onBlocked).catch(() => {});
    return true;
  };
  return whileReplacing(gallery, work, waiting);
}

/** Deletes the second database again unless the work returns true: it has all records, and a later opening would adopt it. */
async function onlyIfTrue(second: string, work: () => Promise<boolean>): Promise<boolean> {
  let done = false;
  try {
    done = await work();
    return done;
  } finally {
    if (!done) await deleteDB(second);
  }
}

/**
 * Opens a gallery's database. Before that, it ends a replacement that another page has begun.
 *
 * @param options the signal, and what to call while another page replaces the database or keeps it open.
 * @param open opens the database.
 */
export async function whileNotReplaced(
  gallery: string,
  options: BlockedOptions,
  open: () => Promise<Connection>,
): Promise<Connection> {
  const openIfAlone = async () => {
    if (await hasReplacement(gallery)) return undefined;
    const db = await open();
    await removeMark(db).catch((error: unknown) => {
      db.close();
      throw error;
    });
    return db;
  };
  for (;;) {
    const opened = await withLock(gallery, 'shared', openIfAlone, options);
    if (opened) return opened;
    await whileReplacing(gallery, () => recover(gallery, options.onBlocked), options);
  }
}

/**
 * Undoes step 2 in a database without a second one, which the browser has evicted: the records before the change are all
 * there is.
 */
async function removeMark(db: Connection): Promise<void> {
  if (!canReplace() || !(await db.get('meta', 'gallery'))?.replaced) return;
  const transaction = db.transaction('meta', 'readwrite');
  // Another tab can have removed the mark, and changed the gallery, in between.
  const meta = await transaction.store.get('gallery');
  await writeAll(transaction, (writes) => {
    if (!meta?.replaced) return;
    const { replaced: _, ...unmarked } = meta;
    writes.push(transaction.store.put({ ...unmarked, revision: meta.revision - 1 }, 'gallery'));
  });
}

/** Whether another page replaces the gallery's database now, or has ended in step 3. An erase deletes the second database first. */
export async function isBeingReplaced(gallery: string): Promise<boolean> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.some(({ name }) => name === replacementName(gallery)) || hasReplacement(gallery);
}

/** Deletes the second database of a gallery, if there is one. */
export async function deleteReplacement(gallery: string): Promise<void> {
  await deleteDB(replacementName(gallery));
}

/** Holds a second lock too, which tells other tabs that the database is deleted in order to be replaced. */
function whileReplacing<T>(gallery: string, work: () => Promise<T>, options: BlockedOptions): Promise<T> {
  const replacing = () => navigator.locks.request(replacementName(gallery), work) as Promise<T>;
  return withLock(gallery, 'exclusive', replacing, options);
}

/** Runs work while no other page replaces or, if exclusive, opens the gallery's database. */
export function withLock<T>(
  gallery: string,
  mode: LockMode,
  work: () => Promise<T>,
  options: BlockedOptions,
): Promise<T> {
  return withWebLock(databaseName(gallery), mode, work, options);
}

/** Whether the browser lists databases and has Web Locks. Firefox lists them from version 126 on. */
export function canReplace(): boolean {
  return typeof indexedDB.databases === 'function' && typeof navigator === 'object' && navigator.locks !== undefined;
}

function replacementName(gallery: string): string {
  return `facenet-gallery-replacement:${gallery}`;
}

async function hasReplacement(gallery: string): Promise<boolean> {
  requireIndexedDB();
  const databases = canReplace() ? await indexedDB.databases() : [];
  return databases.some(({ name }) => name === replacementName(gallery));
}

/** Ends or undoes a replacement whose page has ended. */
async function recover(gallery: string, onBlocked: (() => void) | undefined): Promise<void> {
  if (!(await hasReplacement(gallery))) return;
  const second = await connect(replacementName(gallery), {});
  const meta = await second.get('meta', 'gallery');
  second.close();
  const first = await connect(databaseName(gallery), {});
  const stored = await first.get('meta', 'gallery');
  first.close();
  // The first database is empty if the page ended in step 3.
  if (meta && (stored === undefined || stored.replaced))
    await finishReplacement(gallery, onBlocked).catch(throwUnfinished);
  else await deleteDB(replacementName(gallery));
}

/** Tells a full disk apart from one that refuses a new record: removing people cannot help here. @throws always. */
function throwUnfinished(cause: unknown): never {
  if (!isFullDisk(cause)) throw cause;
  throw new FaceNetError(
    'storage-full',
    'The keys of the gallery were changed, and no record is lost, but the browser has no space left to finish: free space or restart the browser, then call again.',
    { cause },
  );
}

/** Steps 3 and 4. */
async function finishReplacement(gallery: string, onBlocked: (() => void) | undefined): Promise<void> {
  await deleteDatabase(databaseName(gallery), onBlocked);
  const second = await connect(replacementName(gallery), {});
  const [meta, people, templates, crops, rows, head] = await Promise.all([
    second.get('meta', 'gallery'),
    second.getAll('people'),
    second.getAll('templates'),
    second.getAll('crops'),
    logRows(second),
    second.get('log', 'head'),
  ]);
  second.close();
  if (!meta) return;
  const first = await connect(databaseName(gallery), {});
  const transaction = first.transaction(['meta', 'people', 'templates', 'crops', 'log'], 'readwrite', {
    durability: 'strict',
  });
  await writeAll(transaction, (writes) => {
    for (const row of people) writes.push(transaction.objectStore('people').put(row));
    for (const row of templates) writes.push(transaction.objectStore('templates').put(row));
    for (const row of crops) writes.push(transaction.objectStore('crops').put(row));
    for (const row of rows) writes.push(transaction.objectStore('log').put(row, row.count));
    if (head) writes.push(transaction.objectStore('log').put(head, 'head'));
    writes.push(transaction.objectStore('meta').put(meta, 'gallery'));
  });
  first.close();
  await deleteDB(replacementName(gallery));
}

/** Step 2. @returns false if the gallery or its log has changed. */
async function markReplaced(db: Connection, expected: number, logLength: number): Promise<boolean> {
  const transaction = db.transaction(['meta', 'log'], 'readwrite', { durability: 'strict' });
  const store = transaction.objectStore('meta');
  const meta = await store.get('gallery');
  if (revisionOf(meta) !== expected || !(await isAtEnd(transaction.objectStore('log'), { expected: logLength }))) {
    await transaction.done;
    return false;
  }
  return writeAll(transaction, (writes) => {
    if (meta) writes.push(store.put({ ...meta, revision: expected + 1, replaced: true }, 'gallery'));
  });
}
