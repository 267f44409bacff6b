import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import type { CropRow, DamagedRow, LogRow, Meta, PersonRow, TemplateRow } from './store.ts';

/** The object stores of a gallery's database in the current version. */
export interface GallerySchema extends DBSchema {
  /** A single record with the key `gallery`. */
  meta: { key: string; value: Meta };
  people: { key: string; value: PersonRow };
  templates: { key: string; value: TemplateRow };
  crops: { key: string; value: CropRow };
  /** The entries of the log by their number from 1, and its head with the key `head`. */
  log: { key: number | 'head'; value: LogRow };
  /** Records that a repair has set aside. */
  damaged: { key: string; value: DamagedRow };
  /** A record with the key `gallery`, beside that of `meta`. A removal that is postponed deletes it: see postponed.ts. */
  settled: { key: string; value: true };
}

/** The version-change transaction of an upgrade. */
type Upgrade = IDBPTransaction<GallerySchema, StoreNames<GallerySchema>[], 'versionchange'>;

type Migration = (db: IDBPDatabase<GallerySchema>, upgrade: Upgrade) => Promise<void>;

/** The migrations from each version to the next; the first creates version 1. */
const migrations: Migration[] = [
  async (db) => {
    db.createObjectStore('meta');
    db.createObjectStore('people', { keyPath: 'id' });
    db.createObjectStore('templates', { keyPath: 'id' });
  },
  // Version 1 stored a crop inside its template's record, so opening a gallery read every image.
  async (db, upgrade) => {
    db.createObjectStore('crops', { keyPath: 'id' });
    const crops = upgrade.objectStore('crops');
    for await (const cursor of upgrade.objectStore('templates')) {
      const { crop, ...template } = cursor.value as TemplateRow & { crop?: CropRow['body'] };
      if (!crop) continue;
      await crops.put({ id: template.id, body: crop });
      await cursor.update(template);
    }
  },
  async (db) => {
    db.createObjectStore('log');
    db.createObjectStore('damaged', { keyPath: 'key' });
  },
  async (db, upgrade) => {
    const settled = db.createObjectStore('settled');
    // A new gallery's own record is written later, together with this one.
    if ((await upgrade.objectStore('meta').count()) > 0) await settled.put(true, 'gallery');
  },
];

/** The current version of the database. */
export const schemaVersion = migrations.length;

/** The first version whose releases replace a database by a second one. */
export const replacedSince = 3;

/** Migrates a database from an earlier version (0: it does not exist) to the current one, in the given transaction. */
export async function migrate(db: IDBPDatabase<GallerySchema>, from: number, upgrade: Upgrade): Promise<void> {
  for (const migration of migrations.slice(from)) await migration(db, upgrade);
}
