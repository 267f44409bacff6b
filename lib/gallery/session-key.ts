import { abortable, withAnySignal } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';
import { isCipherOf } from './completeness.ts';
import { equalBytes } from './crypto/bytes.ts';
import { type Cipher, noCipher, type VaultHeader } from './crypto/vault.ts';
import { type OpenedVault, openWithPassphrase } from './session-setup.ts';
import type { Meta } from './storage/store.ts';

/** Reads the gallery's own record. */
type MetaReader = () => Promise<Meta>;

/** The key of an open gallery, while it is unlocked. */
export class SessionKey {
  readonly #onForget: () => void;
  #cipher: Cipher | undefined;
  /** The vault that the cipher is of. */
  #vault: VaultHeader | undefined;
  #locks = 0;
  /** Aborts at the next lock. */
  #untilLock = new AbortController();
  /** Calls of open() and unlock() that begin with the key. */
  #beginnings = 0;
  /** Whether one of them has succeeded: then a later one that fails does not lock the gallery. */
  #hasBegun = false;

  /** @param onForget called after each {@link forget} and {@link drop}, to drop what the key has decrypted. */
  constructor(onForget: () => void) {
    this.#onForget = onForget;
  }

  /** The cipher; undefined while the gallery is locked. */
  get cipher(): Cipher | undefined {
    return this.#cipher;
  }

  /** Whether the gallery is unlocked and encrypted. */
  get isSecret(): boolean {
    return this.#cipher !== undefined && this.#cipher !== noCipher;
  }

  /** The number of locks so far: an unlock() or open() that began before one does not undo it. */
  get locks(): number {
    return this.#locks;
  }

  /** The cipher. @throws {FaceNetError} `gallery-locked` */
  require(): Cipher {
    if (this.#cipher) return this.#cipher;
    throw lockedError();
  }

  /** Runs work with a signal that aborts with `gallery-locked` when the gallery is locked, and when the given signal aborts. */
  untilLock<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return withAnySignal([signal, this.#untilLock.signal], work);
  }

  /** Uses a cipher from now on. */
  use(cipher: Cipher, vault: VaultHeader | undefined): void {
    this.#cipher = cipher;
    this.#vault = vault;
  }

  /**
   * Uses the cipher of a passphrase from now on.
   *
   * @param locks {@link locks} when the call began.
   * @throws {FaceNetError} `gallery-locked` if the gallery was locked meanwhile.
   */
  unlockWith(cipher: Cipher, vault: VaultHeader, locks: number): void {
    if (locks !== this.#locks) {
      throw new FaceNetError(
        'gallery-locked',
        'The gallery was locked during unlock() or open(): call it again with the passphrase.',
      );
    }
    // A call that fails with the key of another vault locks the gallery: the former key does not open it any more.
    if (!isSame(this.#vault, vault)) this.drop();
    this.use(cipher, vault);
  }

  /** Obtains a key in open() or unlock(), and begins with it. Drops it if every call that does so at the same time fails. */
  async during(begin: () => Promise<void>): Promise<void> {
    this.#beginnings++;
    try {
      await begin();
      this.#hasBegun = this.#cipher !== undefined;
    } finally {
      this.#beginnings--;
      if (!this.#hasBegun && this.#beginnings === 0) this.drop();
    }
  }

  /** Locks the gallery. @throws {FaceNetError} `option-invalid` if it has no passphrase */
  async lock(readMeta: MetaReader): Promise<void> {
    // Forgets the key before anything that can wait or fail. A gallery without a key may have been protected by another tab.
    if (this.#cipher === noCipher && !(await readMeta()).vault) {
      throw new FaceNetError('option-invalid', 'The gallery has no passphrase: set one with protect() first.');
    }
    this.forget();
  }

  /**
   * Unlocks the gallery.
   *
   * @param locks {@link locks} when the call began.
   * @param requireOpen throws if the session was closed meanwhile.
   * @returns the vault that the key is of, and its replacement if it is of release 0.1.0.
   * @throws {FaceNetError} `key-wrong`, `gallery-corrupt`; `gallery-locked` if the gallery was locked meanwhile.
   */
  async unlock(
    readMeta: MetaReader,
    passphrase: string,
    { locks, requireOpen, signal }: { locks: number; requireOpen: () => void; signal: AbortSignal | undefined },
  ): Promise<OpenedVault> {
    const { vault } = await abortable(readMeta(), signal);
    if (!vault) throw new FaceNetError('option-invalid', 'The gallery has no passphrase: it cannot be unlocked.');
    const opened = await abortable(openWithPassphrase(vault, passphrase), signal);
    requireOpen();
    this.unlockWith(opened.cipher, vault, locks);
    return opened;
  }

  /** Whether an error states that the key was dropped because another tab has replaced the vault that it was of. */
  async isReplaced(error: unknown, vault: VaultHeader | undefined, readMeta: MetaReader): Promise<boolean> {
    if (!(error instanceof FaceNetError && error.code === 'gallery-locked')) return false;
    return !isSame(vault, (await readMeta()).vault);
  }

  /** Locks the gallery: drops the cipher, also one that is obtained by a pending call. */
  forget(): void {
    this.#locks++;
    this.drop();
    this.#untilLock.abort(lockedError());
    this.#untilLock = new AbortController();
  }

  /** Drops a cipher that does not open the records any more. */
  drop(): void {
    this.#cipher = undefined;
    this.#hasBegun = false;
    this.#onForget();
  }

  /** Whether the cipher opens the records of a gallery with a vault. */
  async opens(meta: Meta): Promise<boolean> {
    const cipher = this.#cipher;
    if (!cipher || cipher === noCipher) return false;
    // With the same vault the key is the same: damage of the digest is reported as such.
    return isSame(this.#vault, meta.vault) || isCipherOf(cipher, meta);
  }
}

function lockedError(): FaceNetError {
  return new FaceNetError('gallery-locked', 'The gallery is locked: call unlock(passphrase) first.');
}

function isSame(one: VaultHeader | undefined, other: VaultHeader | undefined): boolean {
  return one && other ? equalBytes(one.digest, other.digest) : one === other;
}
