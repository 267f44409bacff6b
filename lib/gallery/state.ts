import type { ComparisonRule } from '../comparison/compare.ts';
import type { RecordVersions } from './completeness.ts';
import type { Contents, PlainChange } from './contents.ts';
import type { TemplateKey } from './crypto/rotation.ts';
import type { Cipher } from './crypto/vault.ts';
import type { LogEvent } from './log-events.ts';
import type { StoredCrop } from './records.ts';
import type { Meta } from './storage/store.ts';

/** A gallery's decrypted state at one revision. */
export interface GalleryState {
  meta: Meta;
  /** The rule in effect: that of the FaceNet it was opened with, otherwise the stored one. */
  rule: ComparisonRule;
  contents: Contents;
  /** The versions of the stored records, which the gallery's digest covers. */
  versions: RecordVersions;
  cipher: Cipher;
  /** The key that rotates the embeddings; undefined if they are not rotated. */
  templateKey: TemplateKey | undefined;
  /**
   * Reads and decrypts the crop of a template.
   *
   * @throws {FaceNetError} `gallery-corrupt` if it is missing or damaged.
   */
  readCrop: (template: string) => Promise<StoredCrop>;
}

/** What a change writes and returns. */
export interface ChangePlan<Result> {
  /** The records to write. Undefined: nothing is written. */
  change?: PlainChange;
  /** What the log records about the change, if there is a log. */
  events?: LogEvent[];
  /** New values for the gallery's own record. */
  meta?: Partial<Pick<Meta, 'rule' | 'vault' | 'rotation' | 'unseenFrom'>>;
  /** The cipher of this change and all later ones. Default: the current one. */
  cipher?: Cipher;
  /** The template key from this change on. Default: the current one. */
  templateKey?: TemplateKey;
  /**
   * Whether the change contains every record, and is written to a new database that replaces the old one, so that
   * overwritten records do not stay on the disk.
   *
   * @default false
   */
  replaces?: boolean;
  /** Whether the damaged records that were set aside are deleted. @default false */
  discardDamaged?: boolean;
  /** Computes the caller's result from the state after the write. */
  result: (state: GalleryState) => Result;
}

/** Plans a change on the current state. It is called again if another tab writes in between. */
export type ChangePlanner<Result> = (state: GalleryState) => Promise<ChangePlan<Result>>;
