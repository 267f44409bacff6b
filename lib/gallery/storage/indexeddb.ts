import { deleteDB, type IDBPDatabase, openDB } from 'idb';
import { FaceNetError } from '../../core/errors.ts';
import { type GallerySchema, migrate, schemaVersion } from './schema.ts';
import type { Change, Store } from './store.ts';

/** The name of the database that keeps a gallery. */
export function databaseName(gallery: string): string {
  return `facenet-gallery:${gallery}`;
}

/**
 * Opens the database of a gallery, made or brought to the newest schema where needed.
 *
 * @param onGone called when another tab erases the gallery or needs a newer schema: this store is closed then.
 * @throws {FaceNetError} `storage-unavailable`, `storage-full`, or `gallery-version` when a newer release made it.
 */
export async function indexedDBStore(gallery: string, onGone: () => void): Promise<Store> {
  const name = databaseName(gallery);
  const db = await translated(() => open(name, onGone));
  return {
    read: () =>
      translated(async () => {
        const transaction = db.transaction(['meta', 'people', 'templates', 'crops']);
        const [meta, people, templates, crops] = await Promise.all([
          transaction.objectStore('meta').get('gallery'),
          transaction.objectStore('people').getAll(),
          transaction.objectStore('templates').getAll(),
          transaction.objectStore('crops').getAllKeys(),
        ]);
        return { meta, people, templates, crops };
      }),
    revision: () => translated(async () => (await db.get('meta', 'gallery'))?.revision ?? 0),
    crop: (id) => translated(() => db.get('crops', id)),
    commit: (expected, change) => translated(() => commit(db, expected, change)),
    async erase() {
      db.close();
      await translated(() => deleteDB(name));
    },
    close: () => db.close(),
  };
}

async function open(name: string, onGone: () => void): Promise<IDBPDatabase<GallerySchema>> {
  if (typeof indexedDB === 'undefined') throw new DOMException('There is no IndexedDB.', 'SecurityError');
  const db = await openDB<GallerySchema>(name, schemaVersion, {
    upgrade: (db, from, _to, transaction) => migrate(db, from, transaction),
    // Whoever waits for this tab must not wait for the user to close it.
    blocking: () => {
      db.close();
      onGone();
    },
    terminated: onGone,
  });
  return db;
}

async function commit(db: IDBPDatabase<GallerySchema>, expected: number, change: Change): Promise<boolean> {
  // "strict": a gallery is small, and what was told to be kept shall survive the power going off.
  const transaction = db.transaction(['meta', 'people', 'templates', 'crops'], 'readwrite', { durability: 'strict' });
  const [meta, people, templates, crops] = [
    transaction.objectStore('meta'),
    transaction.objectStore('people'),
    transaction.objectStore('templates'),
    transaction.objectStore('crops'),
  ];
  if (((await meta.get('gallery'))?.revision ?? 0) !== expected) {
    await transaction.done;
    return false;
  }
  const writes: Promise<unknown>[] = [];
  try {
    for (const id of change.removePeople ?? []) writes.push(people.delete(id));
    for (const id of change.removeTemplates ?? []) writes.push(templates.delete(id), crops.delete(id));
    for (const row of change.people ?? []) writes.push(people.put(row));
    for (const row of change.templates ?? []) writes.push(templates.put(row));
    for (const row of change.crops ?? []) writes.push(crops.put(row));
    writes.push(meta.put({ ...change.meta, revision: expected + 1 }, 'gallery'));
    await Promise.all([...writes, transaction.done]);
    return true;
  } catch (error) {
    // A write that throws at once does not end the transaction: what was written before it must go too.
    for (const write of [...writes, transaction.done]) write.catch(() => {});
    try {
      transaction.abort();
    } catch {
      // It has ended already, by the very error.
    }
    throw transaction.error ?? error;
  }
}

/** Runs something, and says in the library's terms what the browser refused. */
async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw toFaceNetError(cause);
  }
}

function toFaceNetError(cause: unknown): unknown {
  const name = cause instanceof Error || cause instanceof DOMException ? cause.name : undefined;
  if (name === 'QuotaExceededError') {
    return new FaceNetError(
      'storage-full',
      'The browser has no room left for the gallery, and nothing was changed: keep no crops, remove people, or free space.',
      { cause },
    );
  }
  if (name === 'VersionError') {
    return new FaceNetError('gallery-version', 'A newer release made this gallery: update facenet-web to open it.', {
      cause,
    });
  }
  if (cause instanceof DOMException) {
    return new FaceNetError(
      'storage-unavailable',
      `The browser does not let the page keep a gallery (${name}): open it with { storage: 'memory' } to go on without keeping it.`,
      { cause },
    );
  }
  return cause;
}
