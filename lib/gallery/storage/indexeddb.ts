import { calledOnce } from '../../core/blocked-notice.ts';
import { abortable } from '../../core/cancellation.ts';
import { deleteDatabase } from '../../core/delete-database.ts';
import { requireIndexedDB } from '../../core/storage-errors.ts';
import { commitSettled, writeChange } from './change-writing.ts';
import { type Connection, databaseName, withFaceNetErrors } from './connection.ts';
import { GalleryConnection } from './gallery-connection.ts';
import { type WriteTarget, whileCurrent, whileSettled } from './locked-writes.ts';
import { PostponedRemovals } from './postponed.ts';
import { endReplacement, replaceDatabase, withLock } from './replacement.ts';
import { SpaceReserve } from './reserve.ts';
import { canReplace, deleteSecond, isSecond } from './second-database.ts';
import type { BlockedOptions, LogAppend, Meta, Snapshot, Store, StoreEvents, WriteOptions } from './store.ts';
import { appendLog, revisionOf } from './transactions.ts';

/**
 * Opens a gallery's database. Creates or migrates it if necessary.
 *
 * @param options the signal, what to call while another tab keeps an older version open, and whether it is opened for repair.
 * @throws {FaceNetError} `storage-unavailable`, `storage-full`, or `gallery-version` if a newer release wrote it.
 */
export async function indexedDBStore(
  gallery: string,
  options: BlockedOptions & { repair?: boolean },
  events: StoreEvents,
): Promise<Store> {
  const { signal, repair = false } = options;
  const connection = new GalleryConnection(gallery, options, events);
  const postponed = new PostponedRemovals(gallery);
  const reserve = new SpaceReserve(gallery);
  await connection.ready(signal);
  await abortable(
    connection.use((db) => forgetOthers({ gallery, db, postponed, repair }, options)),
    signal,
  ).catch((error: unknown) => {
    connection.close();
    throw error;
  });
  reserve.fill();
  type Work = (target: WriteTarget, waiting: WriteOptions) => Promise<boolean | undefined>;
  /** Writes to the current database. */
  const writing = (
    work: Work,
    { signal, onBlocked = options.onBlocked, onCommit = () => {} }: Partial<WriteOptions> = {},
  ): Promise<boolean> => {
    const waiting = { signal, onBlocked: calledOnce(onBlocked), onCommit };
    const written = connection.use(async (db) => {
      const stored = await work({ gallery, db, postponed, repair }, waiting);
      if (stored === undefined) await connection.after(db);
      return stored ?? false;
    });
    return unlessAborted(written, signal);
  };
  const rememberIfTrue = async (written: Promise<boolean>, meta: Meta): Promise<boolean> => {
    const stored = await written;
    if (stored) connection.remember(meta);
    return stored;
  };
  return {
    read: () => connection.use((db) => readRecords(db, connection, postponed)),
    revision: () => connection.use((db) => readRevision(db, connection, postponed)),
    crop: (id) => connection.use((db) => db.get('crops', id)),
    logHead: () => connection.use(async (db) => (await postponed.current(db))?.log?.head ?? db.get('log', 'head')),
    logRows: (after) => connection.use((db) => postponed.logRows(db, after)),
    appendLog: (revision, log, options) =>
      writing((target, waiting) => {
        const write = () => append(target.db, revision, log, waiting);
        return whileSettled(target, write, waiting);
      }, options),
    commit: (expected, change, options) =>
      rememberIfTrue(
        writing((target, waiting) => writeChange(target, reserve, { expected, change }, waiting), options),
        { ...change.meta, revision: expected + 1 },
      ),
    damaged: () => connection.use((db) => db.getAll('damaged')),
    replace: (expected, change, options) =>
      rememberIfTrue(
        writing(async (target, waiting) => {
          const { db } = target;
          if (isSecond(gallery, db)) {
            await endReplacement(gallery, waiting);
            return false;
          }
          if (!canReplace()) {
            return commitSettled(target, { expected, change: { ...change, discardDamaged: true } }, waiting);
          }
          return new Promise((resolve, reject) => {
            const replacing = replaceDatabase(gallery, db, expected, change, {
              ...waiting,
              settle: (signal) => postponed.settle(db, { repair, signal }),
              onReplaced: () => connection.reconnect(replacing),
            });
            replacing.then(resolve, reject);
          });
        }, options),
        { ...change.meta, revision: expected + 1 },
      ),
    erase(options) {
      connection.close();
      return eraseDatabase(gallery, options);
    },
    close: () => connection.close(),
  };
}

async function readRevision(
  db: Connection,
  connection: GalleryConnection,
  postponed: PostponedRemovals,
): Promise<number> {
  const meta = await currentMeta(db, connection, postponed);
  connection.remember(meta);
  return revisionOf(meta);
}

/** The gallery's own record. If a page was killed after it had marked this database as replaced, that of the new one. */
async function currentMeta(
  db: Connection,
  connection: GalleryConnection,
  postponed: PostponedRemovals,
): Promise<Meta | undefined> {
  const meta = await postponed.meta(db);
  return meta?.replaced ? currentMeta(await connection.after(db), connection, postponed) : meta;
}

/** All records but the crops. Those of a database that is marked as replaced do not fit to its own record: it has a new revision. */
async function readRecords(
  db: Connection,
  connection: GalleryConnection,
  postponed: PostponedRemovals,
): Promise<Snapshot> {
  const snapshot = await postponed.snapshot(db);
  // Where the browser does not list databases, the mark stays: a database that could have replaced this one is not found.
  if (!snapshot.meta?.replaced || !canReplace()) {
    connection.remember(snapshot.meta);
    return snapshot;
  }
  return readRecords(await connection.after(db), connection, postponed);
}

/** Reports an abort of a wait as such, not as an error of the storage. */
async function unlessAborted<T>(call: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (signal?.aborted && (error as { cause?: unknown } | undefined)?.cause === signal.reason) throw signal.reason;
    throw error;
  }
}

/** Forgets what is postponed for another database of this name. */
async function forgetOthers(target: WriteTarget, waiting: BlockedOptions): Promise<void> {
  const { db, postponed } = target;
  if (await postponed.exists(db)) await whileCurrent(target, 'shared', () => postponed.forgetOthers(db), waiting);
}

async function append(db: Connection, revision: number, log: LogAppend, { onCommit }: WriteOptions): Promise<boolean> {
  onCommit();
  return appendLog(db, revision, log);
}

/**
 * Deletes a gallery's database without reading it. Open connections to it are closed.
 *
 * @throws {FaceNetError} `storage-unavailable`
 */
export async function eraseDatabase(gallery: string, { signal, onBlocked }: BlockedOptions): Promise<void> {
  // An aborted call no longer waits.
  const told = calledOnce(() => !signal?.aborted && onBlocked?.());
  const eraseAll = async () => {
    await deleteSecond(gallery, told);
    const postponed = new PostponedRemovals(gallery);
    const forget = postponed.forgetting();
    await deleteDatabase(databaseName(gallery), told);
    // Without Web Locks, another tab can have created a new gallery since, and postponed a removal of it.
    if (navigator.locks) postponed.clear();
    else forget();
    await new SpaceReserve(gallery).release({ onBlocked: told });
  };
  const erasing = withFaceNetErrors(async () => {
    requireIndexedDB();
    // A tab that replaces the database would create it again. The wait goes on after an abort, as that for a deletion does.
    await withLock(gallery, 'exclusive', eraseAll, { onBlocked: told });
  });
  await abortable(erasing, signal);
}
