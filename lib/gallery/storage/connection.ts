import { type IDBPDatabase, openDB, unwrap, wrap } from 'idb';
import { BlockedNotice } from '../../core/blocked-notice.ts';
import { requireIndexedDB, storageErrors } from '../../core/storage-errors.ts';
import { type GallerySchema, migrate, schemaVersion } from './schema.ts';

/** An open connection to a gallery's database. */
export type Connection = IDBPDatabase<GallerySchema>;

/** What happens to a connection that its owner does not close. */
export interface ConnectionEvents {
  /** Called if another tab keeps an older version open or does not answer, so that opening waits for it. */
  onBlocked?: (() => void) | undefined;
  /** Called before the connection is closed because another one deletes the database. */
  onDeletion?: () => void;
  /**
   * Called after it was closed because another tab needs a newer schema, or was terminated by the browser. The reason completes the
   * sentence "The gallery …".
   */
  onClose?: (reason: string) => void;
}

/** The name of a gallery's database. */
export function databaseName(gallery: string): string {
  return `facenet-gallery:${gallery}`;
}

/** Opens a database of the current schema. Creates or migrates it if necessary. */
export async function connect(name: string, events: ConnectionEvents): Promise<Connection> {
  return open(name, events, () => {});
}

/** Like {@link connect}, but creates no database. @returns undefined if there is none. */
export async function connectExisting(name: string, events: ConnectionEvents): Promise<Connection | undefined> {
  return connectIf(name, (from) => from > 0, events);
}

/**
 * Like {@link connect}, but leaves a database as it is if it would be created or migrated from a version that is refused.
 *
 * @param accepts whether a database of an earlier version is migrated. The version is 0 if there is none.
 * @returns undefined if it is refused.
 */
export async function connectIf(
  name: string,
  accepts: (from: number) => boolean,
  events: ConnectionEvents,
): Promise<Connection | undefined> {
  let isRefused = false;
  const onUpgrade = (from: number, upgrade: { abort(): void }) => {
    if (accepts(from)) return;
    isRefused = true;
    upgrade.abort();
  };
  try {
    return await open(name, events, onUpgrade);
  } catch (error) {
    if (isRefused) return undefined;
    throw error;
  }
}

/** @param onUpgrade called in the transaction that creates or migrates the database. It may abort it. */
async function open(
  name: string,
  { onBlocked, onDeletion, onClose }: ConnectionEvents,
  onUpgrade: (from: number, upgrade: { abort(): void }) => void,
): Promise<Connection> {
  requireIndexedDB();
  const notice = new BlockedNotice(onBlocked);
  let failure: unknown;
  try {
    const db = await openDB<GallerySchema>(name, schemaVersion, {
      upgrade(db, from, _to, transaction) {
        notice.end();
        handleEnd(transaction);
        onUpgrade(from, transaction);
        migrate(db, from, transaction).catch((error: unknown) => {
          failure = error;
          // Without this the browser would commit what was migrated before the failure.
          abort(transaction);
        });
      },
      blocked: () => notice.tell(),
      // Another connection waits for this one: close it, or that tab waits until the user closes this one.
      blocking: (_from, to, event) => {
        // Before the close: until then the other tab can neither delete the database nor replace it, so that what this asks is true.
        if (to === null) onDeletion?.();
        (event.target as IDBDatabase).close();
        if (to !== null) onClose?.('was closed because another tab needs a newer version');
      },
      terminated: () => onClose?.('was closed by the browser'),
    });
    handleEnds(unwrap(db));
    return db;
  } catch (error) {
    throw failure ?? error;
  } finally {
    notice.end();
  }
}

/** Handles the ends of all transactions of a database. */
function handleEnds(db: IDBDatabase): void {
  const begin = db.transaction.bind(db);
  db.transaction = (...given: Parameters<typeof begin>) => {
    const transaction = begin(...given);
    handleEnd(wrap(transaction));
    return transaction;
  };
}

/**
 * Marks the end of a transaction as handled. idb makes the promise `done` for each transaction. If the transaction fails, the failed
 * request rejects as well and is awaited, so that `done` would only be an unhandled rejection.
 */
function handleEnd({ done }: { done: Promise<void> }): void {
  done.catch(() => {});
}

function abort(transaction: { abort(): void }): void {
  try {
    transaction.abort();
  } catch {
    // The failure has already aborted it.
  }
}

/** Runs an operation and converts its DOMException to a `FaceNetError`. */
export const withFaceNetErrors = storageErrors({
  what: 'gallery',
  full: 'nothing was changed: store no crops, remove people, or free space.',
  versionCode: 'gallery-version',
});
