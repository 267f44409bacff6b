import { abortable } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import { requireIndexedDB } from '../../core/storage-errors.ts';
import { type Connection, connect, databaseName, deleteDatabase, withFaceNetErrors } from './connection.ts';
import { isFullDisk, isRemoval } from './full-disk.ts';
import { PostponedRemovals } from './postponed.ts';
import {
  canReplace,
  deleteReplacement,
  isBeingReplaced,
  replaceDatabase,
  whileNotReplaced,
  withLock,
} from './replacement.ts';
import { SpaceReserve } from './reserve.ts';
import type { BlockedOptions, Change, Meta, Store } from './store.ts';
import { appendLog, commit, revisionOf } from './transactions.ts';

/**
 * Opens a gallery's database. Creates or migrates it if necessary.
 *
 * @param options the signal, and what to call while another tab keeps an older version open.
 * @param onClose called when the database is closed because another tab erases it or needs a newer schema, or because
 *   the browser terminated the connection.
 * @throws {FaceNetError} `storage-unavailable`, `storage-full`, or `gallery-version` if a newer release wrote it.
 */
export async function indexedDBStore(
  gallery: string,
  { signal, onBlocked }: BlockedOptions,
  onClose: () => void,
): Promise<Store> {
  const postponed = new PostponedRemovals(gallery);
  const reserve = new SpaceReserve(gallery);
  let closed = false;
  /** Whether the connection to a new database failed. */
  let lost = false;
  const open = (signal?: AbortSignal): Promise<Connection> =>
    whileNotReplaced(gallery, signal, () => connect(databaseName(gallery), { onBlocked, onDeletion, onClose }));
  /** Another tab erases the gallery, or replaces its database: then this one continues with the new database. */
  const onDeletion = () => {
    if (closed) return;
    continueWith(
      isBeingReplaced(gallery).then((replaced) => {
        if (replaced) return open();
        closed = true;
        onClose();
        throw new FaceNetError('disposed', 'The gallery was erased in another tab: open it again with Gallery.open().');
      }),
    );
  };
  const continueWith = (next: Promise<Connection>) => {
    connection = next;
    next.then(
      (db) => closed && db.close(),
      // The next call tries again.
      () => {
        if (!closed && connection === next) lost = true;
      },
    );
  };
  let connection = open(signal);
  await withFaceNetErrors(() => abortable(connection, signal)).catch((error: unknown) => {
    // A request to open cannot be cancelled.
    connection.then((late) => late.close()).catch(() => {});
    throw error;
  });
  const using = <T>(work: (db: Connection) => Promise<T>) =>
    withFaceNetErrors(async () => {
      if (lost) {
        lost = false;
        continueWith(open());
      }
      return work(await connection);
    });
  /** The gallery's own record. If a page was killed after it had marked this database as replaced, that of the new one. */
  const currentMeta = async (db: Connection): Promise<Meta | undefined> => {
    const meta = await db.get('meta', 'gallery');
    if (!meta?.replaced) return meta;
    db.close();
    continueWith(open());
    return (await connection).get('meta', 'gallery');
  };
  const close = () => {
    closed = true;
    connection.then((db) => db.close()).catch(() => {});
  };
  const commitSettled = async (db: Connection, expected: number, change: Change): Promise<boolean> => {
    await postponed.settle(db);
    return commit(db, expected, change);
  };
  const removeOnFullDisk = async (db: Connection, expected: number, change: Change): Promise<boolean> => {
    await reserve.release();
    try {
      return await commitSettled(db, expected, change);
    } catch (error) {
      if (!isFullDisk(error)) throw error;
      return postponed.postpone(db, expected, change, error);
    } finally {
      reserve.fill();
    }
  };
  reserve.fill();
  return {
    read: () => using((db) => postponed.snapshot(db)),
    revision: () => using(async (db) => revisionOf((await postponed.current(db))?.meta ?? (await currentMeta(db)))),
    crop: (id) => using((db) => db.get('crops', id)),
    logHead: () => using(async (db) => (await postponed.current(db))?.log?.head ?? db.get('log', 'head')),
    logRows: () => using((db) => postponed.logRows(db)),
    appendLog: (revision, log) =>
      using(async (db) => {
        await postponed.settle(db);
        return appendLog(db, revision, log);
      }),
    commit: (expected, change) =>
      using(async (db) => {
        try {
          return await commitSettled(db, expected, change);
        } catch (error) {
          if (!isRemoval(change) || !isFullDisk(error)) throw error;
          return removeOnFullDisk(db, expected, change);
        }
      }),
    damaged: () => using((db) => db.getAll('damaged')),
    replace: (expected, change, { onBlocked }) =>
      using(async (db) => {
        await postponed.settle(db);
        if (!canReplace()) return commit(db, expected, { ...change, discardDamaged: true });
        return new Promise((resolve, reject) => {
          const replacing = replaceDatabase(gallery, db, expected, change, {
            onBlocked,
            onReplaced: () => continueWith(replacing.then(() => open())),
          });
          replacing.then(resolve, reject);
        });
      }),
    erase(options) {
      close();
      return eraseDatabase(gallery, options);
    },
    close,
  };
}

/**
 * Deletes a gallery's database without reading it. Open connections to it are closed.
 *
 * @throws {FaceNetError} `storage-unavailable`
 */
export async function eraseDatabase(gallery: string, { signal, onBlocked }: BlockedOptions): Promise<void> {
  const erasing = withFaceNetErrors(async () => {
    requireIndexedDB();
    // A tab that replaces the database would create it again.
    await withLock(gallery, 'exclusive', async () => {
      await deleteReplacement(gallery);
      await deleteDatabase(databaseName(gallery), onBlocked);
      new PostponedRemovals(gallery).clear();
      await new SpaceReserve(gallery).release();
    });
  });
  await abortable(erasing, signal);
}
