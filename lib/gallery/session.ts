import { BlockedNotice, calledOnce } from '../core/blocked-notice.ts';
import { abortable } from '../core/cancellation.ts';
import { callLater } from './call-later.ts';
import { ChangeFollower } from './change-follower.ts';
import type { Bytes } from './crypto/bytes.ts';
import { IdleLock } from './idle-lock.ts';
import type { LogEvent } from './log-events.ts';
import type { ErasureReceipt } from './receipt.ts';
import { nextExpiry } from './retention.ts';
import { SessionChanges } from './session-changes.ts';
import { SessionChannel } from './session-channel.ts';
import { SessionKey } from './session-key.ts';
import { SessionLog } from './session-log.ts';
import { SessionRecords } from './session-records.ts';
import { openGallery, openStore, readMeta, type SessionOptions } from './session-setup.ts';
import type { ChangePlanner, GalleryState } from './state.ts';
import type { BlockedOptions, DamagedRecord, Snapshot, Store } from './storage/store.ts';

/** The records that an erase deletes. */
type ErasedRecords = Pick<Snapshot, 'people' | 'templates' | 'crops'>;

/**
 * An open gallery: assembles its records, its key while it is unlocked, its log and its changes, and opens, locks and
 * closes it.
 */
export class GallerySession {
  readonly #store: Store;
  readonly #options: SessionOptions;
  readonly #log: SessionLog;
  readonly #records: SessionRecords;
  readonly #channel: SessionChannel;
  readonly #changes: SessionChanges;
  readonly #idleLock: IdleLock;
  readonly #follower: ChangeFollower;
  readonly #key = new SessionKey(() => {
    this.#idleLock.stop();
    this.#changes.retention.stop();
    this.#records.forget();
    this.#options.templateKey?.dropRotations();
  });

  private constructor(store: Store, options: SessionOptions) {
    this.#store = store;
    this.#options = options;
    this.#log = new SessionLog(store, options.log);
    const key = this.#key;
    const target = { store, log: this.#log, onBlocked: options.onBlocked };
    this.#records = new SessionRecords({
      target,
      key,
      options,
      onState: (state) => this.#changes.retention.schedule(nextExpiry(state, options.removeUnseenAfter)),
    });
    this.#idleLock = new IdleLock(options.lockAfter, () => {
      this.#key.forget();
      callLater(options.onChange);
    });
    this.#channel = new SessionChannel(options, (message) => {
      if (message === 'changed') {
        this.#tellOfChange();
        return;
      }
      // Also without a key: the other tab has protected the gallery since this one read it.
      this.#key.forget();
      callLater(options.onChange);
    });
    const [records, idleLock, channel] = [this.#records, this.#idleLock, this.#channel];
    this.#changes = new SessionChanges({ target, records, key, idleLock, channel, options });
    // A locked gallery has nothing in memory.
    this.#follower = new ChangeFollower(async () => key.cipher && this.#changes.current());
  }

  /** Opens a gallery and creates it if necessary. Closes the store on failure. */
  static async open(options: SessionOptions): Promise<GallerySession> {
    let session: GallerySession | undefined;
    const store = await openStore(options, {
      onClose: (reason) => {
        session?.close(reason);
        callLater(options.onChange);
      },
      onReplaced: () => {
        if (session) session.#followReplacement();
      },
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
    this.#records.requireOpen();
    this.#idleLock.check();
    return this.#key.cipher === undefined;
  }

  /**
   * The current state, without people whose time has passed.
   *
   * @param background whether the call does not count as use, so that it does not defer the idle lock.
   * @throws {FaceNetError} `gallery-locked`, `disposed`, `gallery-corrupt`
   */
  async state(signal?: AbortSignal, background = false): Promise<GalleryState> {
    return this.#changes.state(signal, background);
  }

  /**
   * Reads from the current state, without people whose time has passed.
   *
   * @param read is repeated if the gallery is changed while it reads, and it finds a damaged record.
   * @param background as in {@link state}.
   * @throws {FaceNetError} as {@link state}
   */
  async read<T>(read: (state: GalleryState) => Promise<T>, signal?: AbortSignal, background = false): Promise<T> {
    return this.#changes.read(read, signal, background);
  }

  /** Removes all people whose time has passed. */
  async expire(signal?: AbortSignal): Promise<ErasureReceipt[]> {
    return this.#changes.expire(signal);
  }

  /** Milliseconds without being seen after which people are removed. */
  get removeUnseenAfter(): number | undefined {
    return this.#options.removeUnseenAfter;
  }

  /** Runs work of several steps that counts as use. The gallery is not locked for idleness meanwhile. */
  async using<T>(work: () => Promise<T>): Promise<T> {
    return this.#changes.using(work);
  }

  /**
   * Adds events to the log, if there is one. They are stored when the call returns.
   *
   * @param read the state that the events are about. Without a log in it, the gallery may be locked by now.
   */
  async record(read: GalleryState, events: LogEvent[], signal?: AbortSignal): Promise<void> {
    return this.#changes.record(read, events, signal);
  }

  /** The lines of the log in a state, checked; none without a log. @throws {FaceNetError} `gallery-corrupt` if it is broken. */
  async logLines(state: GalleryState, signal?: AbortSignal): Promise<Bytes[]> {
    return this.#log.read(state, signal);
  }

  /**
   * Plans a change on the current state and writes it in one transaction. If another tab has written in between, the
   * change is planned again on the new state. Once the transaction has begun, the signal is ignored: the caller learns
   * whether the change is stored.
   *
   * @param background whether the call does not count as use, so that it does not defer the idle lock. A lock ends it unless it is
   *   being written.
   */
  async change<Result>(plan: ChangePlanner<Result>, signal?: AbortSignal, background = false): Promise<Result> {
    return this.#changes.change(plan, signal, background);
  }

  /** Drops the key and the decrypted state, in all tabs. @throws {FaceNetError} `option-invalid` if there is no passphrase. */
  async lock(): Promise<void> {
    this.#records.requireOpen();
    await this.#key.lock(() => readMeta(this.#store, this.#options));
    this.#channel.post('locked');
  }

  /**
   * Restores the key from the passphrase.
   *
   * @throws {FaceNetError} `key-wrong`, `gallery-corrupt`; `gallery-locked` if lock() was called meanwhile.
   */
  async unlock(passphrase: string, signal?: AbortSignal): Promise<void> {
    const requireOpen = () => this.#records.requireOpen();
    requireOpen();
    // Otherwise the lock that is due would follow the unlock.
    this.#idleLock.check();
    await this.#changes.beginWith(async (locks) => {
      const read = () => readMeta(this.#store, this.#options);
      const opened = await this.#key.unlock(read, passphrase, { locks, requireOpen, signal });
      this.#records.forget();
      return opened;
    }, signal);
  }

  /**
   * Deletes the store after pending changes, and closes. An abort during the call ends it; the deletion goes on.
   *
   * @returns the records that were deleted; undefined if they could not be read.
   */
  async erase({ signal, onBlocked }: BlockedOptions): Promise<ErasedRecords | undefined> {
    this.#records.requireOpen();
    signal?.throwIfAborted();
    const told = calledOnce(onBlocked);
    // Also a pending change can wait for another tab.
    const notice = new BlockedNotice(told);
    const erasing = this.#changes.after(async () => {
      const snapshot = await abortable(this.#store.read(), signal).catch(() => undefined);
      notice.end();
      const erased = this.#store.erase({ signal, onBlocked: told });
      // The deletion can fail, and after an abort it can still wait for another tab.
      this.close('was closed by erase()');
      await erased;
      return snapshot;
    });
    return abortable(erasing, signal).finally(() => notice.end());
  }

  /** The damaged records that were set aside in this session and in earlier ones. */
  async damaged(): Promise<DamagedRecord[]> {
    return this.#records.damaged();
  }

  /** Closes after pending changes. */
  async settle(): Promise<void> {
    this.#follower.stop();
    await this.#changes.after(async () => this.close());
  }

  /**
   * Closes without waiting for pending changes.
   *
   * @param reason completes the sentence "The gallery …" in the errors of later calls.
   */
  close(reason = 'was closed'): void {
    if (this.#records.isClosed) return;
    this.#follower.stop();
    this.#records.close(reason);
    this.#key.forget();
    this.#options.templateKey = undefined;
    this.#channel.close();
  }

  /** After another tab has replaced the database: it may end before it says what it changed, and this one keep an outdated key. */
  async #followReplacement(): Promise<void> {
    const { cipher } = this.#key;
    await this.#follower.follow();
    if (this.#records.isClosed || !cipher || this.#key.cipher) return;
    callLater(this.#options.onChange);
  }

  /** Reads the change of another tab, then calls `onChange`. An outdated key is dropped by then, unless reading takes over a second. */
  async #tellOfChange(): Promise<void> {
    await this.#follower.follow();
    if (this.#records.isClosed) return;
    callLater(this.#options.onChange);
  }

  async #start(): Promise<void> {
    try {
      await this.#changes.beginWith(async (locks) => {
        const opened = await openGallery(this.#store, this.#options);
        this.#records.requireOpen();
        if (opened?.vault) this.#key.unlockWith(opened.cipher, opened.vault, locks);
        else if (opened) this.#key.use(opened.cipher, undefined);
        return opened;
      }, this.#options.signal);
    } finally {
      this.#options.passphrase = undefined;
    }
  }
}
