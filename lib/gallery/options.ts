import type { Abortable } from '../core/types.ts';
import type { ErasureReceipt } from './receipt.ts';
import type { EmbeddingSource } from './types.ts';

/** Options of {@link Gallery.open}. */
export interface GalleryOptions extends Abortable {
  /** The gallery's name, unique within the origin. It is stored unencrypted. */
  name: string;
  /**
   * The source of the embeddings. Required for a new gallery; later the stored model and calibration are the default.
   */
  facenet?: EmbeddingSource;
  /** Where the gallery is stored. A gallery in `memory` lasts as long as the page. @default 'indexeddb' */
  storage?: 'indexeddb' | 'memory';
  /**
   * Encrypts all stored data. Opening an encrypted gallery without its passphrase yields a locked gallery. Default: not
   * encrypted.
   */
  passphrase?: string;
  /** 32 secret bytes. Embeddings are stored rotated by this key and cannot be matched without it. Default: not rotated. */
  templateKey?: Uint8Array;
  /**
   * Locks a gallery with a passphrase after this many milliseconds without a call. The time counts while the device
   * sleeps. Calls of `watch` do not count. Default: never.
   */
  lockAfter?: number;
  /**
   * Starts a log: an append-only, hash-chained record of who was enrolled, identified, changed and erased. It is sealed
   * like the rest of the gallery, and never sent anywhere. A gallery that has one keeps it until it is erased, also when
   * it is opened without this option.
   *
   * @default false
   */
  log?: boolean;
  /**
   * Removes people who were not recognised for this many milliseconds. Only with this option the gallery keeps when a
   * person was last recognised, exact to a hundredth of this time. Default: never.
   */
  removeUnseenAfter?: number;
  /** Called with the receipts of people who were removed because their time had passed. */
  onExpire?: (receipts: ErasureReceipt[]) => void;
  /**
   * Called when another tab has changed or locked the gallery, when `lockAfter` has locked it, and when another tab has
   * erased it: then every call throws `disposed`. Show its data again, read with `list({ background: true })`, which does not
   * defer `lockAfter`, or clear what is shown if that rejects.
   */
  onChange?: () => void;
  /**
   * Opens a gallery with damaged, missing or replaced records: damaged ones are set aside, and the rest can be used,
   * exported and protected. `damaged()` lists them. Every crop is read, which takes time.
   *
   * @default false
   */
  repair?: boolean;
  /**
   * Called if a call waits for another tab: one that keeps an older version of the gallery open, or one that replaces its
   * database (`protect`, `rekey`, `changePassphrase`, `reissue`) or does not answer for five seconds, as a suspended tab.
   * The call waits until that tab is closed or runs again.
   */
  onBlocked?: () => void;
}

/** Options of {@link Gallery.erase}. */
export interface EraseOptions extends Abortable {
  /**
   * Called if another tab keeps the gallery open, replaces its database, or does not answer for five seconds, as a suspended
   * tab; also if pending changes take that long. The gallery is erased when that tab is closed or runs again, if this page is still open then.
   */
  onBlocked?: () => void;
}

/** Options of {@link Gallery.export}. A gallery with a passphrase needs one of the two. */
export interface ExportOptions extends Abortable {
  /** Encrypts the export. It may differ from the gallery's passphrase. Default: not encrypted. */
  passphrase?: string;
  /** Confirms an unencrypted export of a gallery with a passphrase. @default false */
  plain?: boolean;
}
