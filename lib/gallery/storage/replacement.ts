import { calledOnce } from '../../core/blocked-notice.ts';
import { FaceNetError } from '../../core/errors.ts';
import { type Connection, connect, databaseName } from './connection.ts';
import { isFullDisk } from './full-disk.ts';
import { withWebLock } from './locks.ts';
import { canReplace, copyBack, deleteSecond, hasSecond, secondCounts, secondName } from './second-database.ts';
import type { BlockedOptions, Change, WriteOptions } from './store.ts';
import { commit, isAtEnd, logLength, logRows, mergedLog, revisionOf, writeAll } from './transactions.ts';

/** Options of {@link replaceDatabase}. */
export interface ReplaceOptions extends WriteOptions {
  /** Writes a removal that is postponed: the change was planned without it. */
  settle: (signal: AbortSignal | undefined) => Promise<void>;
  /** Called after step 2, before the connection is closed. */
  onReplaced: () => void;
}

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
 * If the browser cannot write the records of step 3, for example because the disk is full, all tabs work on the second
 * database, and the next opening tries again. Tabs write to either database only while they have the lock, in shared mode.
 *
 * @returns false if the gallery has changed meanwhile; then it stays as it is.
 * @throws {DOMException} `InvalidStateError` if the connection was closed meanwhile. Then nothing was written.
 */
export async function replaceDatabase(
  gallery: string,
  db: Connection,
  expected: number,
  change: Change,
  { signal, onBlocked, onCommit, onReplaced, settle }: ReplaceOptions,
): Promise<boolean> {
  const waiting = { signal, onBlocked: calledOnce(onBlocked) };
  const work = async () => {
    await settle(signal);
    // Another tab can have replaced the database during the wait. If it ended in step 3, the second database has all records.
    const stored = await db.get('meta', 'gallery');
    if (stored?.replaced || revisionOf(stored) !== expected) return false;
    const [rows, head] = await Promise.all([logRows(db), db.get('log', 'head')]);
    // An entry that was added since the change was planned must not be lost.
    const length = change.log?.expected ?? logLength(head);
    if (logLength(head) !== length) return false;
    onCommit();
    const deleteNew = () => deleteSecond(gallery, waiting.onBlocked);
    await deleteNew();
    const log = mergedLog(rows, head, change);
    const isMarked = await unlessTrue(deleteNew, async () => {
      const second = await connect(secondName(gallery), {});
      try {
        const all = { ...change, ...(log && { log: { ...log, expected: 0 } }) };
        await commit(second, 0, all, { next: expected + 1 });
      } finally {
        second.close();
      }
      return markReplaced(db, expected, length);
    });
    if (!isMarked) return false;
    onReplaced();
    db.close();
    // The replacement counts now: a failure of the next step does not fail the call. The next opening repeats it.
    await copyBack(gallery, waiting.onBlocked)
      .then(deleteNew)
      .catch(() => {});
    return true;
  };
  return whileReplacing(gallery, work, waiting);
}

/** Deletes the second database again unless the work returns true: it has all records, and a later opening would adopt it. */
async function unlessTrue(deleteNew: () => Promise<void>, work: () => Promise<boolean>): Promise<boolean> {
  let done = false;
  try {
    done = await work();
    return done;
  } finally {
    if (!done) await deleteNew();
  }
}

/**
 * Opens a gallery's database. Before that, it ends a replacement that another page has begun.
 *
 * @param options the signal, and what to call while another page replaces the database or keeps it open.
 * @param open opens the database with a name: the second one if it has the records, and the browser cannot copy them.
 */
export async function whileNotReplaced(
  gallery: string,
  options: BlockedOptions,
  open: (name: string) => Promise<Connection>,
): Promise<Connection> {
  const openIfAlone = async () => {
    if (await hasSecond(gallery)) return undefined;
    const db = await open(databaseName(gallery));
    await removeMark(db).catch((error: unknown) => {
      db.close();
      throw error;
    });
    return db;
  };
  for (;;) {
    const opened =
      (await withLock(gallery, 'shared', openIfAlone, options)) ??
      (await whileReplacing(gallery, () => recover(gallery, open, options.onBlocked), options));
    if (opened) return opened;
  }
}

/**
 * Ends a replacement whose records are still in the second database. Connections to it are closed.
 *
 * @throws {FaceNetError} `storage-full` if there is still no space.
 */
export function endReplacement(gallery: string, options: BlockedOptions): Promise<void> {
  const end = async () => {
    if (await secondCounts(gallery)) await copyBack(gallery, options.onBlocked).catch(throwUnfinished);
    await deleteSecond(gallery, options.onBlocked);
  };
  return whileReplacing(gallery, end, options);
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
  return held.some(({ name }) => name === secondName(gallery)) || hasSecond(gallery);
}

/** Holds a second lock too, which tells other tabs that the database is deleted in order to be replaced. */
function whileReplacing<T>(gallery: string, work: () => Promise<T>, options: BlockedOptions): Promise<T> {
  const replacing = () => navigator.locks.request(secondName(gallery), work) as Promise<T>;
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

/**
 * Ends or undoes a replacement whose page has ended, or had no space.
 *
 * @returns the second database if its records cannot be copied.
 */
async function recover(
  gallery: string,
  open: (name: string) => Promise<Connection>,
  onBlocked: (() => void) | undefined,
): Promise<Connection | undefined> {
  if (await secondCounts(gallery)) {
    try {
      await copyBack(gallery, onBlocked);
    } catch {
      return open(secondName(gallery));
    }
  }
  await deleteSecond(gallery, onBlocked);
  return undefined;
}

/** Tells a full disk apart from one that refuses a new record: removing people cannot help here. @throws always. */
function throwUnfinished(cause: unknown): never {
  if (!isFullDisk(cause)) throw cause;
  throw new FaceNetError(
    'storage-full',
    'The keys cannot be changed again: the browser has no space left to finish the last change of the keys. Free space or restart the browser, then call again.',
    { cause },
  );
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
