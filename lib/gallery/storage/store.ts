import type { ComparisonRule } from '../../comparison/compare.ts';
import type { Bytes } from '../crypto/bytes.ts';
import type { Sealed, VaultHeader } from '../crypto/vault.ts';

/** What other tabs and the browser do with the database of a store. */
export interface StoreEvents {
  /**
   * Called when the database is closed because another tab erases it or needs a newer schema, or because the browser terminated the
   * connection.
   *
   * @param reason completes the sentence "The gallery …".
   */
  onClose: (reason: string) => void;
  /** Called after another tab has replaced the database, to change its keys. */
  onReplaced: () => void;
}

/** Options of opening, replacing and erasing a database. */
export interface BlockedOptions {
  /** Called if another tab keeps the database open or replaces it, so that the call waits for it. */
  onBlocked?: (() => void) | undefined;
  /** Cancels that wait. */
  signal?: AbortSignal | undefined;
}

/** Options of writing. */
export interface WriteOptions extends BlockedOptions {
  /** Called when the wait for other tabs has ended. From then on the signal is ignored. An exception ends the call. */
  onCommit: () => void;
}

/** A gallery's own record. It is not encrypted and holds no data about people. */
export interface Meta {
  /** A random id, made with the gallery: another gallery of the same name has another one. Galleries of release 0.1.0 have none. */
  id?: string;
  /** The number of changes so far. It reveals changes made in another tab. */
  revision: number;
  /** The model of the embeddings and how they are compared. */
  rule: ComparisonRule;
  /** The vault of the passphrase, if there is one. */
  vault?: VaultHeader;
  /** The check value of the template key, if the embeddings are rotated. */
  rotation?: Bytes;
  /** Whether the gallery keeps a log. Then the store has a log head. */
  log?: true;
  /**
   * When the gallery was first opened with `removeUnseenAfter`, in milliseconds since 1970. Nobody is removed for not being
   * seen earlier, because no recognition was kept.
   */
  unseenFrom?: number;
  /** The sealed digest of this record and of the versions of all others. Releases before this one wrote none. */
  digest?: Sealed;
  /** Whether a second database replaces this one. */
  replaced?: true;
}

/** A stored person: a random id and the encrypted rest. */
export interface PersonRow {
  id: string;
  body: Sealed;
}

/** A stored template: random ids and the encrypted rest. */
export interface TemplateRow {
  id: string;
  person: string;
  body: Sealed;
}

/** A stored crop: its template's id and the encrypted image. */
export interface CropRow {
  id: string;
  body: Sealed;
}

/** An encrypted entry of the log, or its head, which states how many entries there are. */
export interface LogRow {
  /** The number of entries up to this one; of the head, of all. */
  count: number;
  body: Sealed;
}

/** Entries to add to the log, provided that it still has the expected number of entries. */
export interface LogAppend {
  expected: number;
  /** The new entries. Rows with a known count are replaced. */
  rows: LogRow[];
  head: LogRow;
  /** Whether all earlier entries are deleted first. */
  clears?: boolean;
}

/** A record that cannot be decrypted or read, or whose person or enrolled face is missing. */
export interface DamagedRecord {
  /** `face`: an enrolled face. `gallery`: records are missing, or were replaced by earlier ones. */
  kind: 'person' | 'face' | 'crop' | 'gallery';
  /** The record's id; that of a crop is its enrolled face's. */
  id: string;
  /** The id of the record's person, if it is known. */
  person?: string;
}

/** A damaged record that was set aside. */
export interface DamagedRow extends DamagedRecord {
  /** Kind and id. */
  key: string;
  /** The record as it was stored. */
  row: unknown;
}

/** All stored records, but only the ids of the crops. */
export interface Snapshot {
  meta: Meta | undefined;
  people: PersonRow[];
  templates: TemplateRow[];
  crops: string[];
}

/** An atomic change. */
export interface Change {
  meta: Omit<Meta, 'revision'>;
  people?: PersonRow[];
  templates?: TemplateRow[];
  crops?: CropRow[];
  /** Ids of people to remove. Their templates must be listed too. */
  removePeople?: string[];
  /** Ids of templates to remove with their crops. */
  removeTemplates?: string[];
  log?: LogAppend;
  /** Records to move to the damaged ones. */
  setAside?: DamagedRecord[];
  /** Whether to delete all damaged records. Those of removed people are deleted in any case. */
  discardDamaged?: boolean;
}

/**
 * The storage of a gallery.
 *
 * Every method may throw a {@link FaceNetError}: `storage-unavailable` or `storage-full`.
 */
export interface Store {
  /** Reads all records but the crops. */
  read(): Promise<Snapshot>;
  /** The current revision, 0 before the first change. */
  revision(): Promise<number>;
  /** Reads the crop of a template. */
  crop(id: string): Promise<CropRow | undefined>;
  /** Reads the log's head; undefined if there is no log. */
  logHead(): Promise<LogRow | undefined>;
  /** Reads the log's entries, in order. @param after only those with a higher number. Default: all */
  logRows(after?: number): Promise<LogRow[]>;
  /**
   * Adds to the log, provided that the store is still at the expected revision. The revision stays the same.
   *
   * @returns whether the entries were written.
   */
  appendLog(revision: number, log: LogAppend, options?: WriteOptions): Promise<boolean>;
  /**
   * Writes a change in one transaction, provided that the store is still at the expected revision, and its log at the
   * expected length.
   *
   * @returns whether the change was written.
   */
  commit(expected: number, change: Change, options?: WriteOptions): Promise<boolean>;
  /**
   * Like {@link commit}, but writes all records, with the present log, to a new database, and deletes the old one:
   * overwritten records can stay readable in the files of a database. Damaged records that were set aside are dropped.
   *
   * @param change with every record of the gallery.
   */
  replace(expected: number, change: Change, options: WriteOptions): Promise<boolean>;
  /** Reads the records that were set aside. */
  damaged(): Promise<DamagedRow[]>;
  /** Deletes all records and closes the store. */
  erase(options: BlockedOptions): Promise<void>;
  close(): void;
}
