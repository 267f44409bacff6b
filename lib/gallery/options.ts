import { checkedOptions, type OptionNames } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Abortable } from '../core/types.ts';
import { checkedName } from './checked-input.ts';
import type { EmbeddingSource } from './types.ts';

/** Options of {@link Gallery.open}. */
export interface GalleryOptions extends Abortable {
  /** The gallery's name, unique within the origin. It is stored unencrypted. */
  name: string;
  /**
   * The source of the embeddings. Required for a new gallery; later the stored model and calibration are the default.
   */
  facenet?: EmbeddingSource;
  /** Where the gallery is stored. A gallery in `memory` lasts as long as the page. Default: `indexeddb`. */
  storage?: 'indexeddb' | 'memory';
  /** Encrypts all stored data. Opening an encrypted gallery without its passphrase yields a locked gallery. */
  passphrase?: string;
  /** 32 secret bytes. Embeddings are stored rotated by this key and cannot be matched without it. */
  templateKey?: Uint8Array;
  /** Locks a gallery with a passphrase after this many milliseconds without a call. Default: never. */
  lockAfter?: number;
  /** Called when another tab has changed the gallery, or erased it: then every call throws `disposed`. */
  onChange?: () => void;
  /** Called if a frozen tab keeps an older version of the gallery open. `open` waits until that tab is closed. */
  onBlocked?: () => void;
}

/** Options of {@link Gallery.erase}. */
export interface EraseOptions extends Abortable {
  /** Called if a frozen tab keeps the gallery open. The gallery is erased when that tab is closed. */
  onBlocked?: () => void;
}

/** Options of {@link Gallery.export}. A gallery with a passphrase needs one of the two. */
export interface ExportOptions extends Abortable {
  /** Encrypts the export. It may differ from the gallery's passphrase. */
  passphrase?: string;
  /** Writes an unencrypted export. */
  plain?: boolean;
}

const galleryOptionNames: OptionNames<GalleryOptions> = {
  ...{ name: true, facenet: true, storage: true, passphrase: true, templateKey: true, lockAfter: true },
  ...{ onChange: true, onBlocked: true },
};

/** Checks the options of {@link Gallery.open}. @throws {FaceNetError} `option-invalid` */
export function checkedGalleryOptions(options: GalleryOptions): GalleryOptions & { storage: 'indexeddb' | 'memory' } {
  const { name, storage = 'indexeddb', lockAfter } = checkedOptions(options, galleryOptionNames);
  checkedName(name);
  if (storage !== 'indexeddb' && storage !== 'memory') {
    throw new FaceNetError('option-invalid', `storage is "${storage}": use "indexeddb" or "memory".`);
  }
  // setTimeout takes a signed 32-bit delay; a larger one fires immediately.
  if (lockAfter !== undefined && !(lockAfter > 0 && lockAfter < 2 ** 31)) {
    throw new FaceNetError('option-invalid', `lockAfter is ${lockAfter}: use milliseconds, above 0 and below 2^31.`);
  }
  return { ...options, storage };
}
