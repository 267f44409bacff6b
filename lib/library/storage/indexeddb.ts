import { type IDBPDatabase, openDB } from 'idb';
import { abortable } from '../../core/cancellation.ts';
import { deleteDatabase } from '../../core/delete-database.ts';
import { requireIndexedDB, storageErrors } from '../../core/storage-errors.ts';
import type { Abortable } from '../../core/types.ts';
import type { Change, Key, ListOptions, Store } from './store.ts';
import { indexes, keyPaths, type TableName, type Tables, tableNames } from './tables.ts';

/** The version of the database. */
const schemaVersion = 1;

/** How long a change occupies the thread before it lets other tasks run, in milliseconds. */
const maxBusyTime = 8;

/** Runs an operation and converts its DOMException to a `FaceNetError`. */
const withFaceNetErrors = storageErrors({
  what: 'library',
  full: 'this change was not stored: use previews: 0, or free space.',
  versionCode: 'library-version',
});

/** The name of a library's database. */
export function databaseName(library: string): string {
  return `facenet-library:${library}`;
}

/**
 * Opens a library's database and creates it if necessary.
 *
 * @param onClose called when the browser or another tab, which erases the library, closes the database. Its argument completes the
 *   sentence "The library …".
 * @throws {FaceNetError} `storage-unavailable`, `storage-full`, or `library-version` if a newer release wrote it.
 */
export async function indexedDBStore(
  library: string,
  { signal }: Abortable,
  onClose: (reason: string) => void,
): Promise<Store> {
  const opening = withFaceNetErrors(() => open(databaseName(library), onClose));
  const db = await abortable(opening, signal).catch((error: unknown) => {
    // A request to open cannot be cancelled.
    opening.then((late) => late.close()).catch(() => {});
    throw error;
  });
  return {
    get: <T extends TableName>(table: T, key: Key) =>
      withFaceNetErrors(() => db.get(table, key) as Promise<Tables[T] | undefined>),
    getAll: <T extends TableName>(table: T, keys: readonly Key[]) =>
      withFaceNetErrors(async () => {
        const { store } = db.transaction(table);
        return Promise.all(keys.map((key) => store.get(key) as Promise<Tables[T] | undefined>));
      }),
    list: <T extends TableName>(table: T, options: ListOptions = {}) =>
      withFaceNetErrors(() => list(db, table, options)),
    last: <T extends TableName>(table: T) =>
      withFaceNetErrors(async () => {
        const cursor = await db.transaction(table).store.openCursor(null, 'prev');
        return cursor?.value as Tables[T] | undefined;
      }),
    count: (table, { by, from, to } = {}) =>
      withFaceNetErrors(() => {
        const range = rangeOf(from, to);
        return by === undefined ? db.count(table, range) : db.countFromIndex(table, by, range);
      }),
    commit: (change) => withFaceNetErrors(() => commit(db, change)),
    close: () => db.close(),
  };
}

/**
 * Deletes a library's database. Open connections to it are closed.
 *
 * @param options `onBlocked`, called while another tab delays the deletion, and a signal. The deletion goes on after an abort.
 * @throws {FaceNetError} `storage-unavailable`
 */
export async function eraseDatabase(
  library: string,
  { signal, onBlocked }: Abortable & { onBlocked?: () => void },
): Promise<void> {
  const erasing = withFaceNetErrors(async () => {
    requireIndexedDB();
    // An aborted call no longer waits.
    await deleteDatabase(databaseName(library), () => !signal?.aborted && onBlocked?.());
  });
  await abortable(erasing, signal);
}

async function open(name: string, onClose: (reason: string) => void): Promise<IDBPDatabase> {
  requireIndexedDB();
  const db = await openDB(name, schemaVersion, {
    upgrade(db) {
      for (const table of tableNames) {
        const store = db.createObjectStore(table, { keyPath: keyPaths[table] });
        for (const property of indexes[table] ?? []) store.createIndex(property, property);
      }
    },
    // Another tab erases the library or needs a newer schema.
    blocking: (_from, to) => {
      db.close();
      onClose(to === null ? 'was erased in another tab' : 'was closed because another tab needs a newer version');
    },
    terminated: () => onClose('was closed by the browser'),
  });
  return db;
}

async function list<T extends TableName>(db: IDBPDatabase, table: T, options: ListOptions): Promise<Tables[T][]> {
  const { by, from, to, limit, skip = 0 } = options;
  if (skip > 0) return listAfter(db, table, options);
  const range = rangeOf(from, to);
  const rows = by === undefined ? db.getAll(table, range, limit) : db.getAllFromIndex(table, by, range, limit);
  return rows as Promise<Tables[T][]>;
}

/** Skips rows by a cursor, which does not read them. */
async function listAfter<T extends TableName>(
  db: IDBPDatabase,
  table: T,
  { by, from, to, skip = 0, limit = Number.POSITIVE_INFINITY }: ListOptions,
): Promise<Tables[T][]> {
  const { store } = db.transaction(table);
  const rows: Tables[T][] = [];
  const start = await (by === undefined ? store : store.index(by)).openCursor(rangeOf(from, to));
  let cursor = await start?.advance(skip);
  while (cursor && rows.length < limit) {
    rows.push(cursor.value as Tables[T]);
    cursor = await cursor.continue();
  }
  return rows;
}

function rangeOf(from: Key | undefined, to: Key | undefined): IDBKeyRange | null {
  if (from !== undefined) return to === undefined ? IDBKeyRange.lowerBound(from) : IDBKeyRange.bound(from, to);
  return to === undefined ? null : IDBKeyRange.upperBound(to);
}

async function commit(db: IDBPDatabase, change: Change): Promise<void> {
  const tables = tableNames.filter((table) => change[table]);
  if (tables.length === 0) return;
  const transaction = db.transaction(tables, 'readwrite');
  const writes: Promise<unknown>[] = [transaction.done];
  const add = (write: Promise<unknown>) => {
    writes.push(write);
    // The first error is thrown below, and aborts the others.
    write.catch(() => {});
  };
  transaction.done.catch(() => {});
  let start = performance.now();
  try {
    for (const table of tables) {
      const store = transaction.objectStore(table);
      for (const key of change[table]?.remove ?? []) add(store.delete(key));
      for (const row of change[table]?.put ?? []) {
        add(store.put(row));
        if (performance.now() - start < maxBusyTime) continue;
        // put() copies the row at once. The transaction stays active, because the code goes on in the task of its last request.
        await writes.at(-1);
        start = performance.now();
      }
    }
    await Promise.all(writes);
  } catch (error) {
    // An exception of put() or delete() does not abort the transaction: abort it, to roll back the earlier writes.
    try {
      transaction.abort();
    } catch {
      // The error has already aborted it.
    }
    throw transaction.error ?? error;
  }
}
