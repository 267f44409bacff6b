import { abortable, abortableUntilCommit } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';
import { SerialQueue } from '../core/serial-queue.ts';
import { requireProtectedCrops } from './crops.ts';
import { type Cipher, noCipher, openVault } from './crypto/vault.ts';
import { IdleLock } from './idle-lock.ts';
import { parseMeta } from './meta.ts';
import { sealChange } from './sealing.ts';
import { checkTemplateKey, openGallery, readMeta, type SessionOptions } from './session-setup.ts';
import { loadState, plannedState } from './session-state.ts';
import type { ChangePlanner, GalleryState } from './state.ts';
import { databaseName, indexedDBStore } from './storage/indexeddb.ts';
import { memoryStore } from './storage/memory.ts';
import type { BlockedOptions, Store } from './storage/store.ts';

/**
 * An open gallery: its store, its cipher while it is unlocked, and its decrypted state, which is reloaded after another
 * tab has written. {@link change} runs changes one after another.
 */
export class GallerySession {
  readonly #store: Store;
  /** `rule` and `templateKey` follow the changes made in this session. */
  readonly #options: SessionOptions;
  readonly #channel: BroadcastChannel | undefined;
  readonly #changes = new SerialQueue();
  #cipher: Cipher | undefined;
  #state: GalleryState | undefined;
  #closed: string | undefined;
  /** The number of locks so far. An unlock() that began before one does not undo it. */
  #locks = 0;
  readonly #idleLock: IdleLock;

  private constructor(store: Store, options: SessionOptions) {
    this.#store = store;
    this.#options = options;
    this.#idleLock = new IdleLock(options.lockAfter, () => {
      this.#forget();
      options.onChange?.();
    });
    if (options.storage === 'memory') return;
    this.#channel = new BroadcastChannel(databaseName(options.name));
    this.#channel.onmessage = ({ data }) => {
      // A plain gallery has no key to forget.
      if (data === 'locked' && this.#cipher !== noCipher) this.#forget();
      options.onChange?.();
    };
  }

  /** Opens a gallery and creates it if necessary. Closes the store on failure. */
  static async open(options: SessionOptions): Promise<GallerySession> {
    const { name, storage } = options;
    let session: GallerySession | undefined;
    const store =
      storage === 'memory'
        ? memoryStore()
        : await indexedDBStore(name, options, () => {
            session?.close('was erased or upgraded in another tab');
            options.onChange?.();
          });
    session = new GallerySession(store, options);
    try {
      await abortable(session.#start(), options.signal);
      return session;
    } catch (error) {
      session.close('was not opened');
      throw error;
    }
  }

  /** Whether the gallery is locked. */
  get locked(): boolean {
    this.#requireOpen();
    this.#idleLock.check();
    return this.#cipher === undefined;
  }

  /**
   * The current state.
   *
   * @param background whether the call does not count as use, so that it does not defer the idle lock.
   * @throws {FaceNetError} `gallery-locked`, `disposed`, `gallery-corrupt`
   */
  async state(signal?: AbortSignal, background = false): Promise<GalleryState> {
    signal?.throwIfAborted();
    this.#requireOpen();
    if (background) this.#idleLock.check();
    else if (this.#cipher !== noCipher) this.#idleLock.restart();
    const revision = await abortable(this.#store.revision(), signal);
    this.#requireOpen();
    if (this.#state && this.#state.meta.revision === revision) return this.#state;
    return this.#load(signal);
  }

  /**
   * Plans a change on the current state and writes it in one transaction. If another tab has written in between, the
   * change is planned again on the new state. Once the transaction has begun, the signal is ignored: the caller learns
   * whether the change is stored.
   */
  change<Result>(plan: ChangePlanner<Result>, signal?: AbortSignal): Promise<Result> {
    const run = (onCommit: () => void) =>
      this.#changes.run(() => this.#idleLock.during(() => this.#change(plan, onCommit, signal)));
    return abortableUntilCommit(run, signal);
  }

  /** Drops the key and the decrypted state, in all tabs. @throws {FaceNetError} `option-invalid` if there is no passphrase. */
  async lock(): Promise<void> {
    this.#requireOpen();
    // Forgets the key before anything that can wait or fail. A gallery without a key may have been protected by another tab.
    if (this.#cipher === noCipher && !(await readMeta(this.#store)).vault) {
      throw new FaceNetError('option-invalid', 'The gallery has no passphrase: set one with protect() first.');
    }
    this.#forget();
    this.#channel?.postMessage('locked');
  }

  /**
   * Restores the key from the passphrase.
   *
   * @throws {FaceNetError} `key-wrong`, `gallery-corrupt`; `gallery-locked` if lock() was called meanwhile.
   */
  async unlock(passphrase: string, signal?: AbortSignal): Promise<void> {
    this.#requireOpen();
    const locks = this.#locks;
    const { vault } = await readMeta(this.#store);
    if (!vault) throw new FaceNetError('option-invalid', 'The gallery has no passphrase: it cannot be unlocked.');
    const cipher = await abortable(openVault(vault, passphrase), signal);
    this.#requireOpen();
    if (locks !== this.#locks) {
      throw new FaceNetError('gallery-locked', 'The gallery was locked during unlock(): call unlock(passphrase) again.');
    }
    this.#cipher = cipher;
    this.#state = undefined;
    await this.state(signal);
  }

  /** Deletes the store after pending changes, and closes. */
  async erase(options: BlockedOptions): Promise<void> {
    this.#requireOpen();
    await this.#changes.run(async () => {
      const erased = this.#store.erase(options);
      this.close('was erased');
      await erased;
    });
  }

  /** Closes after pending changes. */
  async settle(): Promise<void> {
    await this.#changes.run(() => this.close());
  }

  /**
   * Closes without waiting for pending changes.
   *
   * @param reason completes the sentence "The gallery …" in the errors of later calls.
   */
  close(reason = 'was closed'): void {
    if (this.#closed) return;
    this.#closed = reason;
    this.#forget();
    this.#channel?.close();
    this.#store.close();
  }

  async #start(): Promise<void> {
    this.#cipher = await openGallery(this.#store, this.#options);
    this.#options.passphrase = undefined;
    if (this.#cipher) await this.state(this.#options.signal);
  }

  async #load(signal?: AbortSignal): Promise<GalleryState> {
    const snapshot = await this.#store.read();
    const meta = parseMeta(snapshot.meta);
    const { templateKey, rule = meta.rule } = this.#options;
    checkTemplateKey(meta, templateKey);
    // Another tab has set a passphrase.
    if (meta.vault && this.#cipher === noCipher) this.#forget();
    const cipher = this.#requireUnlocked();
    const state = await loadState(this.#store, snapshot, { meta, rule, cipher, templateKey }, signal);
    // The session may have been closed or locked during decryption.
    this.#requireOpen();
    if (this.#requireUnlocked() === cipher) this.#state = state;
    return state;
  }

  async #change<Result>(
    plan: ChangePlanner<Result>,
    onCommit: () => void,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    for (;;) {
      const state = await this.state(signal);
      const planned = await plan(state);
      const { change, cipher = state.cipher, result } = planned;
      if (!change) return result(state);
      requireProtectedCrops(state, planned);
      const { revision, ...meta } = { ...state.meta, ...planned.meta };
      const [next, sealed] = [
        await plannedState(this.#store, state, planned),
        await sealChange(cipher, change, signal),
      ];
      signal?.throwIfAborted();
      this.#requireOpen();
      onCommit();
      if (!(await this.#store.commit(revision, { ...sealed, meta }))) continue;
      // The change is stored: nothing from here on may fail.
      if (next === state) await state.contents.apply(change);
      next.meta = { ...meta, revision: revision + 1 };
      this.#adopt(next);
      return result(next);
    }
  }

  /** Continues with the state after a change, and tells other tabs. A session that was locked or closed stays so. */
  #adopt(state: GalleryState): void {
    this.#options.templateKey = state.templateKey;
    if (this.#options.rule) this.#options.rule = state.rule;
    if (this.#closed) return;
    this.#channel?.postMessage('changed');
    if (!this.#cipher) return;
    this.#cipher = state.cipher;
    this.#state = state;
  }

  #forget(): void {
    this.#locks++;
    this.#idleLock.stop();
    this.#cipher = undefined;
    this.#state = undefined;
  }

  #requireUnlocked(): Cipher {
    if (this.#cipher) return this.#cipher;
    throw new FaceNetError('gallery-locked', 'The gallery is locked: call unlock(passphrase) first.');
  }

  #requireOpen(): void {
    if (!this.#closed) return;
    throw new FaceNetError('disposed', `The gallery ${this.#closed}: open it again with Gallery.open().`);
  }
}
