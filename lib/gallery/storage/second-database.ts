import { deleteDatabase } from '../../core/delete-database.ts';
import { requireIndexedDB } from '../../core/storage-errors.ts';
import { type Connection, connect, connectIf, databaseName } from './connection.ts';
import { replacedSince, schemaVersion } from './schema.ts';
import type { Meta } from './store.ts';
import { stores, writeAll } from './transactions.ts';

/** The name of the second database of a gallery, which has the new records while its database is replaced. */
export function secondName(gallery: string): string {
  return `facenet-gallery-replacement:${gallery}`;
}

/** Whether a connection is to the second database of a gallery. */
export function isSecond(gallery: string, db: Connection): boolean {
  return db.name === secondName(gallery);
}

/** Whether the browser lists databases and has Web Locks. Firefox lists them from version 126 on. */
export function canReplace(): boolean {
  return typeof indexedDB.databases === 'function' && typeof navigator === 'object' && navigator.locks !== undefined;
}

/** Whether a gallery has a second database. */
export async function hasSecond(gallery: string): Promise<boolean> {
  return (await versionsOf(gallery)).second !== undefined;
}

/**
 * Whether the second database has the records of the gallery. Then the first one is marked as replaced, empty or absent, or was
 * created by an earlier release, which does not know of the second one. Call it while no other page replaces the database.
 */
export async function secondCounts(gallery: string): Promise<boolean> {
  const { first, second } = await versionsOf(gallery);
  if (second === undefined || !(await metaOf(secondName(gallery)))) return false;
  if (first === undefined || first < replacedSince) return true;
  const meta = await metaOf(databaseName(gallery));
  return meta === undefined || meta.replaced === true;
}

/** Deletes the second database of a gallery, if there is one. */
export async function deleteSecond(gallery: string, onBlocked: (() => void) | undefined): Promise<void> {
  await deleteDatabase(secondName(gallery), onBlocked);
}

/**
 * Deletes the first database, and creates it again with the records of the second. Call it while no other page writes to either.
 *
 * @throws if the browser cannot write them. Then the second database still counts.
 */
export async function copyBack(gallery: string, onBlocked: (() => void) | undefined): Promise<void> {
  const second = await connect(secondName(gallery), {});
  const copied = await readAll(second).finally(() => second.close());
  const first = await connectEmpty(gallery, onBlocked);
  try {
    const transaction = first.transaction(stores, 'readwrite', { durability: 'strict' });
    await writeAll(transaction, (writes) => {
      for (const row of copied.people) writes.push(transaction.objectStore('people').put(row));
      for (const row of copied.templates) writes.push(transaction.objectStore('templates').put(row));
      for (const row of copied.crops) writes.push(transaction.objectStore('crops').put(row));
      for (const row of copied.damaged) writes.push(transaction.objectStore('damaged').put(row));
      for (const [i, row] of copied.log.entries()) {
        writes.push(transaction.objectStore('log').put(row, copied.logKeys[i] as number | 'head'));
      }
      writes.push(transaction.objectStore('meta').put(copied.meta as Meta, 'gallery'));
      if (copied.isSettled) writes.push(transaction.objectStore('settled').put(true, 'gallery'));
    });
  } finally {
    first.close();
  }
}

/** Creates the first database without records. One with records is deleted. */
async function connectEmpty(gallery: string, onBlocked: (() => void) | undefined): Promise<Connection> {
  for (;;) {
    // An empty one is left from an earlier attempt. It keeps earlier releases from creating another one.
    if (!(await isEmpty(gallery))) await deleteDatabase(databaseName(gallery), onBlocked);
    const first = await connectIf(databaseName(gallery), (from) => from === 0, {});
    if (first) return first;
    // An earlier release, which does not know of the lock, has created one since.
  }
}

/** All records of a database. */
async function readAll(db: Connection) {
  const transaction = db.transaction(stores);
  const [meta, people, templates, crops, log, logKeys, damaged, settled] = await Promise.all([
    transaction.objectStore('meta').get('gallery'),
    transaction.objectStore('people').getAll(),
    transaction.objectStore('templates').getAll(),
    transaction.objectStore('crops').getAll(),
    transaction.objectStore('log').getAll(),
    transaction.objectStore('log').getAllKeys(),
    transaction.objectStore('damaged').getAll(),
    transaction.objectStore('settled').getKey('gallery'),
  ]);
  return { meta, people, templates, crops, log, logKeys, damaged, isSettled: settled !== undefined };
}

/** Whether the first database exists in the current version, without the gallery's own record: it is written with all others. */
async function isEmpty(gallery: string): Promise<boolean> {
  const { first } = await versionsOf(gallery);
  return first === schemaVersion && (await metaOf(databaseName(gallery))) === undefined;
}

/** The versions of the two databases, as far as they exist. */
async function versionsOf(gallery: string): Promise<{ first: number | undefined; second: number | undefined }> {
  requireIndexedDB();
  const databases = canReplace() ? await indexedDB.databases() : [];
  const versionOf = (searched: string) => databases.find(({ name }) => name === searched)?.version;
  return { first: versionOf(databaseName(gallery)), second: versionOf(secondName(gallery)) };
}

/** The gallery's own record in a database; undefined without one, or if an earlier release created the database. Creates none. */
async function metaOf(name: string): Promise<Meta | undefined> {
  // Migrating it would hide that it does not count.
  const db = await connectIf(name, (from) => from >= replacedSince, {});
  return db?.get('meta', 'gallery').finally(() => db.close());
}
