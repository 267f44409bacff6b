import { deleteDB, type IDBPDatabase, type IDBPObjectStore, openDB, type StoreNames } from 'idb';
import { abortable } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import { type GallerySchema, migrate, schemaVersion } from './schema.ts';
import type { BlockedOptions, Change, LogAppend, Store } from './store.ts';

/** The name of a gallery's database. */
export function databaseName(gallery: string): string {
  return `facenet-gallery:${gallery}`;
}

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
  const opening = withFaceNetErrors(() => open(databaseName(gallery), onBlocked, onClose));
  const db = await abortable(opening, signal).catch((error: unknown) => {
    // A request to open cannot be cancelled.
    opening.then((late) => late.close()).catch(() => {});
    throw error;
  });
  return {
    read: () =>
      withFaceNetErrors(async () => {
        const transaction = db.transaction(['meta', 'people', 'templates', 'crops']);
        const [meta, people, templates, crops] = await Promise.all([
          transaction.objectStore('meta').get('gallery'),
          transaction.objectStore('people').getAll(),
          transaction.objectStore('templates').getAll(),
          transaction.objectStore('crops').getAllKeys(),
        ]);
        return { meta, people, templates, crops };
      }),
    revision: () => withFaceNetErrors(async () => (await db.get('meta', 'gallery'))?.revision ?? 0),
    crop: (id) => withFaceNetErrors(() => db.get('crops', id)),
    logHead: () => withFaceNetErrors(() => db.get('log', 'head')),
    // Numbers sort before strings: the range excludes the head.
    logRows: () => withFaceNetErrors(() => db.getAll('log', IDBKeyRange.upperBound(Number.POSITIVE_INFINITY))),
    appendLog: (revision, log) => withFaceNetErrors(() => appendLog(db, revision, log)),
    commit: (expected, change) => withFaceNetErrors(() => commit(db, expected, change)),
    erase(options) {
      db.close();
      return eraseDatabase(gallery, options);
    },
    close: () => db.close(),
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
    await deleteDB(databaseName(gallery), { blocked: () => onBlocked?.() });
  });
  await abortable(erasing, signal);
}

function requireIndexedDB(): void {
  if (typeof indexedDB === 'undefined') throw new DOMException('This browser has no IndexedDB.', 'SecurityError');
}

async function open(
  name: string,
  onBlocked: (() => void) | undefined,
  onClose: () => void,
): Promise<IDBPDatabase<GallerySchema>> {
  requireIndexedDB();
  const db = await openDB<GallerySchema>(name, schemaVersion, {
    upgrade: (db, from, _to, transaction) => migrate(db, from, transaction),
    blocked: () => onBlocked?.(),
    // Another tab is blocked by this connection: close it, or that tab waits until the user closes this one.
    blocking: () => {
      db.close();
      onClose();
    },
    terminated: onClose,
  });
  return db;
}

const stores = ['meta', 'people', 'templates', 'crops', 'log'] as const;

/** The object store `log` in a transaction that can write. */
type LogStore = IDBPObjectStore<GallerySchema, ArrayLike<StoreNames<GallerySchema>>, 'log', 'readwrite'>;

async function commit(db: IDBPDatabase<GallerySchema>, expected: number, change: Change): Promise<boolean> {
  // "strict" flushes to disk before the commit is reported, so that an enrolment survives a power failure. Writes are
  // small.
  const transaction = db.transaction(stores, 'readwrite', { durability: 'strict' });
  const [meta, people, templates, crops, log] = [
    transaction.objectStore('meta'),
    transaction.objectStore('people'),
    transaction.objectStore('templates'),
    transaction.objectStore('crops'),
    transaction.objectStore('log'),
  ];
  if (((await meta.get('gallery'))?.revision ?? 0) !== expected || !(await isAtEnd(log, change.log))) {
    await transaction.done;
    return false;
  }
  return writeAll(transaction, (writes) => {
    for (const id of change.removePeople ?? []) writes.push(people.delete(id));
    for (const id of change.removeTemplates ?? []) writes.push(templates.delete(id), crops.delete(id));
    for (const row of change.people ?? []) writes.push(people.put(row));
    for (const row of change.templates ?? []) writes.push(templates.put(row));
    for (const row of change.crops ?? []) writes.push(crops.put(row));
    if (change.log) putLog(log, change.log, writes);
    writes.push(meta.put({ ...change.meta, revision: expected + 1 }, 'gallery'));
  });
}

async function appendLog(db: IDBPDatabase<GallerySchema>, revision: number, append: LogAppend): Promise<boolean> {
  // Not "strict": identifications are frequent, and a power failure loses the last of them, but does not break the log.
  const transaction = db.transaction(['meta', 'log'], 'readwrite');
  const log = transaction.objectStore('log');
  const stored = await transaction.objectStore('meta').get('gallery');
  if ((stored?.revision ?? 0) !== revision || !(await isAtEnd(log, append))) {
    await transaction.done;
    return false;
  }
  return writeAll(transaction, (writes) => putLog(log, append, writes));
}

async function isAtEnd(log: LogStore, append: LogAppend | undefined): Promise<boolean> {
  return !append || ((await log.get('head'))?.count ?? 0) === append.expected;
}

function putLog(log: LogStore, { rows, head }: LogAppend, writes: Promise<unknown>[]): void {
  for (const row of rows) writes.push(log.put(row, row.count));
  writes.push(log.put(head, 'head'));
}

/** Issues writes and waits for the end of their transaction. An error rolls all of them back. @returns true */
async function writeAll(
  transaction: { done: Promise<void>; error: DOMException | null; abort(): void },
  issue: (writes: Promise<unknown>[]) => void,
): Promise<true> {
  const writes: Promise<unknown>[] = [];
  try {
    issue(writes);
    await Promise.all([...writes, transaction.done]);
    return true;
  } catch (error) {
    // An exception of put() or delete() does not abort the transaction: abort it, to roll back the earlier writes.
    for (const write of [...writes, transaction.done]) write.catch(() => {});
    try {
      transaction.abort();
    } catch {
      // The error has already aborted it.
    }
    throw transaction.error ?? error;
  }
}

/** Runs an operation and converts its DOMException to a {@link FaceNetError}. */
async function withFaceNetErrors<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    throw toFaceNetError(cause);
  }
}

function toFaceNetError(cause: unknown): unknown {
  const name = cause instanceof Error || cause instanceof DOMException ? cause.name : undefined;
  if (name === 'QuotaExceededError') {
    return new FaceNetError(
      'storage-full',
      'The browser has no space left for the gallery, and nothing was changed: store no crops, remove people, or free space.',
      { cause },
    );
  }
  if (name === 'VersionError') {
    return new FaceNetError('gallery-version', 'A newer release wrote this gallery: update facenet-web to open it.', {
      cause,
    });
  }
  if (cause instanceof DOMException) {
    return new FaceNetError(
      'storage-unavailable',
      `The browser does not allow the page to store a gallery (${name}): open it with { storage: 'memory' } to use one that is not stored.`,
      { cause },
    );
  }
  return cause;
}
