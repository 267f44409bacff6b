import type { ComparisonRule } from '../../comparison/compare.ts';
import type { Bytes } from '../crypto/bytes.ts';
import type { Sealed, VaultHeader } from '../crypto/vault.ts';

/** What a gallery knows of itself. It is readable without a passphrase, and tells nothing of the people. */
export interface Meta {
  /** Counts the changes, so that a tab sees that another made one. */
  revision: number;
  /** What made the embeddings and how they are compared. */
  rule: ComparisonRule;
  /** Where there is a passphrase. */
  vault?: VaultHeader;
  /** Where the embeddings are rotated: tells whether a template key is theirs. */
  rotation?: Bytes;
}

/** A person as kept: a random id, and the rest sealed. */
export interface PersonRow {
  id: string;
  body: Sealed;
}

/** A template as kept: random ids, and the rest sealed. */
export interface TemplateRow {
  id: string;
  person: string;
  body: Sealed;
}

/** A crop as kept: its template's id, and the rest sealed. */
export interface CropRow {
  id: string;
  body: Sealed;
}

/** All that a gallery keeps but for the crops, of which only the ids are read. */
export interface Snapshot {
  meta: Meta | undefined;
  people: PersonRow[];
  templates: TemplateRow[];
  crops: string[];
}

/** One change, written wholly or not at all. */
export interface Change {
  meta: Omit<Meta, 'revision'>;
  people?: PersonRow[];
  templates?: TemplateRow[];
  crops?: CropRow[];
  /** Ids of people to remove; their templates must be named too. */
  removePeople?: string[];
  /** Ids of templates to remove, each with its crop. */
  removeTemplates?: string[];
}

/**
 * Where a gallery is kept.
 *
 * Every method throws a {@link FaceNetError} with `storage-unavailable` or `storage-full` when the browser refuses.
 */
export interface Store {
  read(): Promise<Snapshot>;
  /** The number of the last change, 0 before the first. */
  revision(): Promise<number>;
  crop(id: string): Promise<CropRow | undefined>;
  /**
   * Writes a change in one transaction, if nobody else has written since the revision that it was made for.
   *
   * @returns whether it was written.
   */
  commit(expected: number, change: Change): Promise<boolean>;
  /** Removes everything, and closes. */
  erase(): Promise<void>;
  close(): void;
}
