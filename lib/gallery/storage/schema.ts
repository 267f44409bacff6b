import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import type { CropRow, Meta, PersonRow, TemplateRow } from './store.ts';

/** The object stores of a gallery's database, in their newest version. */
export interface GallerySchema extends DBSchema {
  /** One record, under the key `gallery`. */
  meta: { key: string; value: Meta };
  people: { key: string; value: PersonRow };
  templates: { key: string; value: TemplateRow };
  crops: { key: string; value: CropRow };
}

/** The transaction in which the browser upgrades a database. */
export type Upgrade = IDBPTransaction<GallerySchema, StoreNames<GallerySchema>[], 'versionchange'>;

type Step = (db: IDBPDatabase<GallerySchema>, upgrade: Upgrade) => Promise<void>;

/** What makes each version of the database out of the one before: the first of nothing, the second of the first, and so on. */
const steps: Step[] = [
  async (db) => {
    db.createObjectStore('meta');
    db.createObjectStore('people', { keyPath: 'id' });
    db.createObjectStore('templates', { keyPath: 'id' });
  },
  // Version 1 kept a crop inside its template's record, and so opening a gallery read every picture in it.
  async (db, upgrade) => {
    db.createObjectStore('crops', { keyPath: 'id' });
    const crops = upgrade.objectStore('crops');
    for await (const cursor of upgrade.objectStore('templates')) {
      const { crop, ...template } = cursor.value as TemplateRow & { crop?: CropRow['body'] };
      if (!crop) continue;
      await Promise.all([crops.put({ id: template.id, body: crop }), cursor.update(template)]);
    }
  },
];

/** The newest version of the database. */
export const schemaVersion = steps.length;

/** Brings a database from an earlier version (0: none yet) to the newest, in the browser's own transaction. */
export async function migrate(db: IDBPDatabase<GallerySchema>, from: number, upgrade: Upgrade): Promise<void> {
  for (const step of steps.slice(from)) await step(db, upgrade);
}
