import { abortable } from '../../core/cancellation.ts';
import { requireIndexedDB } from '../../core/storage-errors.ts';
import { calledOnce } from './blocked-notice.ts';
import { type Connection, databaseName, deleteDatabase, withFaceNetErrors } from './connection.ts';
import { isFullDisk, isRemoval } from './full-disk.ts';
import { GalleryConnection } from './gallery-connection.ts';
import { PostponedRemovals } from './postponed.ts';
import { canReplace, deleteReplacement, replaceDatabase, withLock } from './replacement.ts';
import { SpaceReserve } from './reserve.ts';
import type { BlockedOptions, Change, LogAppend, Meta, Store } from './store.ts';
import { appendLog, commit, revisionOf } from './transactions.ts';

/**
 * Opens a gallery's database. Creates or migrates it if necessary.
 *
 * @param options the signal, and what to call while another tab keeps an older version open.
 * @param onClose called when the database is closed because another tab erases it or needs a newer schema, or because
 *   the browser terminated the connection.
 * @throws {FaceNetError} `storage-unavailable`, `storage-full`, or `gallery-version` if a newer release wrote it.
 */
export async function indexedDBStore(gallery: string, options: BlockedOptions, onClose: () => void): Promise<Store> {
  const connection = new GalleryConnection(gallery, options, onClose);
  const postponed = new PostponedRemovals(gallery);
  const reserve = new SpaceReserve(gallery);
  await connection.ready(options.signal);
  await connection
    .use((db) => postponed.forgetOthers(db))
    .catch((error: unknown) => {
      connection.close();
      throw error;
    });
  reserve.fill();
  return {
    read: () => connection.use((db) => postponed.snapshot(db)),
    revision: () => connection.use((db) => readRevision(db, connection, postponed)),
    crop: (id) => connection.use((db) => db.get('crops', id)),
    logHead: () => connection.use(async (db) => (await postponed.current(db))?.log?.head ?? db.get('log', 'head')),
    logRows: () => connection.use((db) => postponed.logRows(db)),
    appendLog: (revision, log) => connection.use((db) => append(db, postponed, revision, log)),
    commit: (expected, change) => connection.use((db) => write(db, { postponed, reserve }, expected, change)),
    damaged: () => connection.use((db) => db.getAll('damaged')),
    replace: (expected, change, options) =>
      connection.use(async (db) => {
        await postponed.settle(db);
        if (!canReplace()) {
          options.onCommit();
          return commit(db, expected, { ...change, discardDamaged: true });
        }
        return new Promise((resolve, reject) => {
          const replacing = replaceDatabase(gallery, db, expected, change, {
            ...options,
            onReplaced: () => void connection.reconnect(replacing),
          });
          replacing.then(resolve, reject);
        });
      }),
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
  return revisionOf((await postponed.current(db))?.meta ?? (await currentMeta(db, connection)));
}

/** The gallery's own record. If a page was killed after it had marked this database as replaced, that of the new one. */
async function currentMeta(db: Connection, connection: GalleryConnection): Promise<Meta | undefined> {
  const meta = await db.get('meta', 'gallery');
  if (!meta?.replaced) return meta;
  db.close();
  return (await connection.reconnect()).get('meta', 'gallery');
}

async function append(
  db: Connection,
  postponed: PostponedRemovals,
  revision: number,
  log: LogAppend,
): Promise<boolean> {
  await postponed.settle(db);
  return appendLog(db, revision, log);
}

/** The ways to write a removal on a full disk. */
interface FullDiskFallbacks {
  postponed: PostponedRemovals;
  reserve: SpaceReserve;
}

async function write(db: Connection, fallbacks: FullDiskFallbacks, expected: number, change: Change): Promise<boolean> {
  try {
    return await commitSettled(db, fallbacks.postponed, expected, change);
  } catch (error) {
    if (!isRemoval(change) || !isFullDisk(error)) throw error;
    return removeOnFullDisk(db, fallbacks, expected, change);
  }
}

/** Commits a change, after a removal that was postponed. */
async function commitSettled(
  db: Connection,
  postponed: PostponedRemovals,
  expected: number,
  change: Change,
): Promise<boolean> {
  await postponed.settle(db);
  return commit(db, expected, change);
}

/** Removes with the space of the reserve, or postpones the removal if that does not suffice. */
async function removeOnFullDisk(
  db: Connection,
  { postponed, reserve }: FullDiskFallbacks,
  expected: number,
  change: Change,
): Promise<boolean> {
  await reserve.release();
  try {
    return await commitSettled(db, postponed, expected, change);
  } catch (error) {
    if (!isFullDisk(error)) throw error;
    return postponed.postpone(db, expected, change, error);
  } finally {
    reserve.fill();
  }
}

/**
 * Deletes a gallery's database without reading it. Open connections to it are closed.
 *
 * @throws {FaceNetError} `storage-unavailable`
 */
export async function eraseDatabase(gallery: string, { signal, onBlocked }: BlockedOptions): Promise<void> {
  const told = calledOnce(onBlocked);
  const eraseAll = async () => {
    await deleteReplacement(gallery);
    await deleteDatabase(databaseName(gallery), told);
    new PostponedRemovals(gallery).clear();
    await new SpaceReserve(gallery).release();
  };
  const erasing = withFaceNetErrors(async () => {
    requireIndexedDB();
    // A tab that replaces the database would create it again. The wait goes on after an abort, as that for a deletion does.
    await withLock(gallery, 'exclusive', eraseAll, { onBlocked: told });
  });
  await abortable(erasing, signal);
}
