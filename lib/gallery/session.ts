import { abortable, abortableUntilCommit } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';
import { SerialQueue } from '../core/serial-queue.ts';
import { isCipherOf, type RecordVersions, sealDigest, versionsAfter } from './completeness.ts';
import { requireProtectedCrops } from './crops.ts';
import type { Bytes } from './crypto/bytes.ts';
import { type Cipher, noCipher, openVault, type VaultHeader } from './crypto/vault.ts';
import { IdleLock } from './idle-lock.ts';
import { readLog } from './log.ts';
import type { LogEvent } from './log-events.ts';
import { parseMeta } from './meta.ts';
import type { ErasureReceipt } from './receipt.ts';
import { type DamageList, isDamage } from './repair.ts';
import { nextExpiry, planExpiry } from './retention.ts';
import { RetentionTimer } from './retention-timer.ts';
import { sealChange } from './sealing.ts';
import { SessionLog } from './session-log.ts';
import { checkTemplateKey, openGallery, planRuleUpdate, readMeta, type SessionOptions } from './session-setup.ts';
import { loadState, plannedState } from './session-state.ts';
import type { ChangePlan, ChangePlanner, GalleryState } from './state.ts';
import { databaseName } from './storage/connection.ts';
import { indexedDBStore } from './storage/indexeddb.ts';
import { memoryStore } from './storage/memory.ts';
import type { BlockedOptions, Change, DamagedRecord, Meta, Snapshot, Store } from './storage/store.ts';

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
  /** The vault that the cipher is of. */
  #vault: VaultHeader | undefined;
  #state: GalleryState | undefined;
  #closed: string | undefined;
  /** The number of locks so far. An unlock() that began before one does not undo it. */
  #locks = 0;
  /** The damaged records that could not be set aside, because the disk is full. */
  #damage: DamageList = [];
  readonly #idleLock: IdleLock;
  readonly #log: SessionLog;
  readonly #retention = new RetentionTimer(() => {
    // The next call repeats a removal that fails here, and reports the error.
    this.expire().catch(() => {});
  });

  private constructor(store: Store, options: SessionOptions) {
    this.#store = store;
    this.#options = options;
    this.#log = new SessionLog(store, options.log);
    this.#idleLock = new IdleLock(options.lockAfter, () => {
      this.#forget();
      options.onChange?.();
    });
    if (options.storage === 'memory') return;
    this.#channel = new BroadcastChannel(databaseName(options.name));
    this.#channel.onmessage = ({ data }) => {
      // Also without a key: the other tab has protected the gallery since this one read it.
      if (data === 'locked') this.#forget();
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
   * The current state, without people whose time has passed.
   *
   * @param background whether the call does not count as use, so that it does not defer the idle lock.
   * @throws {FaceNetError} `gallery-locked`, `disposed`, `gallery-corrupt`
   */
  async state(signal?: AbortSignal, background = false): Promise<GalleryState> {
    if (!background) this.#use();
    const state = await this.#current(signal);
    if (!this.#retention.due) return state;
    await this.expire(signal);
    return this.#current(signal);
  }

  /** Removes all people whose time has passed. */
  async expire(signal?: AbortSignal): Promise<ErasureReceipt[]> {
    const plan = (state: GalleryState) => planExpiry(state, this.#options.removeUnseenAfter);
    const receipts = await this.#enqueue(plan, signal);
    if (receipts.length > 0) this.#options.onExpire?.(receipts);
    return receipts;
  }

  /** Milliseconds without being seen after which people are removed. */
  get removeUnseenAfter(): number | undefined {
    return this.#options.removeUnseenAfter;
  }

  /** Adds events to the log, if there is one. They are stored when the call returns. */
  async record(events: LogEvent[], signal?: AbortSignal): Promise<void> {
    const state = await this.#current(signal);
    if (!this.#log.isWanted(state)) return;
    if (state.meta.log) return this.#log.append(events, () => this.#current(signal));
    // The gallery's record changes too: it states that there is a log.
    return this.#enqueue(async () => ({ change: {}, events, result: () => undefined }), signal);
  }

  /** The lines of the log, checked; none without a log. @throws {FaceNetError} `gallery-corrupt` if it is broken. */
  async readLog(signal?: AbortSignal): Promise<Bytes[]> {
    const { meta, cipher } = await this.state(signal);
    return meta.log ? readLog(this.#store, cipher, signal) : [];
  }

  async #current(signal?: AbortSignal): Promise<GalleryState> {
    signal?.throwIfAborted();
    this.#requireOpen();
    this.#idleLock.check();
    const revision = await abortable(this.#store.revision(), signal);
    this.#requireOpen();
    if (this.#state && this.#state.meta.revision === revision) return this.#state;
    return this.#load(signal);
  }

  /**
   * Plans a change on the current state and writes it in one transaction. If another tab has written in between, the
   * change is planned again on the new state. Once the transaction has begun, the signal is ignored: the caller learns
   * whether the change is stored.
   *
   * @param background whether the call does not count as use, so that it does not defer the idle lock.
   */
  async change<Result>(plan: ChangePlanner<Result>, signal?: AbortSignal, background = false): Promise<Result> {
    if (!background) this.#use();
    if (this.#retention.due) await this.expire(signal);
    return this.#enqueue(plan, signal, !background);
  }

  #enqueue<Result>(plan: ChangePlanner<Result>, signal: AbortSignal | undefined, counts = false): Promise<Result> {
    const run = (onCommit: () => void) =>
      this.#changes.run(() => this.#idleLock.during(() => this.#change(plan, onCommit, signal), counts));
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
      throw new FaceNetError(
        'gallery-locked',
        'The gallery was locked during unlock(): call unlock(passphrase) again.',
      );
    }
    this.#cipher = cipher;
    this.#vault = vault;
    this.#state = undefined;
    await this.#opened(signal);
  }

  /**
   * Deletes the store after pending changes, and closes.
   *
   * @returns the records that were deleted; without lists if they could not be read.
   */
  async erase(options: BlockedOptions): Promise<Pick<Snapshot, 'people' | 'templates' | 'crops'> | undefined> {
    this.#requireOpen();
    return this.#changes.run(async () => {
      const snapshot = await this.#store.read().catch(() => undefined);
      const erased = this.#store.erase(options);
      this.close('was erased');
      await erased;
      return snapshot;
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
    if (this.#cipher) await this.#opened(this.#options.signal);
  }

  /** Reads the state after the key is known, and stores a newer calibration. A full disk does not keep it from opening. */
  async #opened(signal: AbortSignal | undefined): Promise<void> {
    await this.#current(signal);
    if (this.#options.repair) await this.#repairLog(signal);
    await this.state(signal).catch(ignoreFullDisk);
    const { rule } = this.#options;
    if (!rule) return;
    await this.#enqueue((state) => planRuleUpdate(state, rule), signal).catch(ignoreFullDisk);
  }

  /** Deletes a broken log and starts a new one. */
  async #repairLog(signal: AbortSignal | undefined): Promise<void> {
    const { meta, cipher } = await this.#current(signal);
    if (!meta.log) return;
    try {
      await readLog(this.#store, cipher, signal);
    } catch (error) {
      if (!isDamage(error)) throw error;
      await this.#enqueue(async () => ({ change: {}, restartsLog: true, result: () => undefined }), signal);
    }
  }

  #adoptState(state: GalleryState): void {
    this.#state = state;
    this.#vault = state.meta.vault;
    this.#retention.schedule(nextExpiry(state.contents, this.#options.removeUnseenAfter));
  }

  async #load(signal?: AbortSignal): Promise<GalleryState> {
    const snapshot = await this.#store.read();
    const meta = parseMeta(snapshot.meta);
    const { templateKey, rule = meta.rule } = this.#options;
    checkTemplateKey(meta, templateKey);
    // Another tab has set a passphrase, or replaced the data key.
    if (meta.vault && !(await this.#hasKeyOf(meta))) this.#forget();
    const cipher = this.#requireUnlocked();
    const damage: DamageList | undefined = this.#options.repair ? [] : undefined;
    const opened = { meta, rule, cipher, templateKey };
    const state = await loadState(this.#store, snapshot, opened, { damage, signal });
    // The session may have been closed or locked during decryption.
    this.#requireOpen();
    if (this.#requireUnlocked() !== cipher) return state;
    if (damage && damage.length > 0) await this.#setAside(state, damage);
    this.#adoptState(state);
    return state;
  }

  /** Moves damaged records out of the gallery. A full disk does not prevent its use: they are left out in memory then. */
  async #setAside(state: GalleryState, damage: DamageList): Promise<void> {
    const versions = versionsAfter(state.versions, { setAside: damage });
    const sealed = { setAside: damage };
    const meta = await this.#commit(state, { result: () => undefined }, { sealed, versions }).catch(ignoreFullDisk);
    if (meta) Object.assign(state, { meta, versions });
    this.#damage = meta ? [] : damage;
  }

  /** The damaged records that were set aside in this session and in earlier ones. */
  async damaged(): Promise<DamagedRecord[]> {
    this.#requireOpen();
    const records = new Map(this.#damage.map((record) => [`${record.kind} ${record.id}`, record]));
    for (const { key, row: _, ...record } of await this.#store.damaged()) records.set(key, record);
    return [...records.values()];
  }

  /** Whether the session's cipher opens the records of a gallery with a vault. */
  async #hasKeyOf(meta: Meta): Promise<boolean> {
    const cipher = this.#cipher;
    if (!cipher || cipher === noCipher) return false;
    // With the same vault the key is the same: damage of the digest is reported as such.
    const known = this.#vault?.digest;
    return !known || known.every((byte, i) => byte === meta.vault?.digest[i]) || isCipherOf(cipher, meta);
  }

  async #change<Result>(
    plan: ChangePlanner<Result>,
    onCommit: () => void,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    for (;;) {
      const state = await this.#current(signal);
      const planned = await plan(state);
      const { change, cipher = state.cipher, result } = planned;
      if (!change) return result(state);
      requireProtectedCrops(state, planned);
      const [next, sealed] = [
        await plannedState(this.#store, state, planned),
        await sealChange(cipher, change, signal),
      ];
      signal?.throwIfAborted();
      this.#requireOpen();
      onCommit();
      const versions = versionsAfter(state.versions, sealed);
      const meta = await this.#commit(state, planned, { sealed, versions });
      if (!meta) continue;
      // The change is stored: nothing from here on may fail.
      if (next === state) await state.contents.apply(change);
      next.meta = meta;
      next.versions = versions;
      this.#adopt(next);
      return result(next);
    }
  }

  /** Writes a planned change with its log entries. @returns the new record; undefined if another tab has changed the gallery. */
  async #commit(
    state: GalleryState,
    planned: ChangePlan<unknown>,
    { sealed, versions }: { sealed: Omit<Change, 'meta' | 'log'>; versions: RecordVersions },
  ): Promise<Meta | undefined> {
    for (;;) {
      const log = await this.#log.planned(state, planned);
      const { revision } = state.meta;
      const written = { ...state.meta, ...planned.meta, ...(log && { log: true as const }), revision: revision + 1 };
      const digest = await sealDigest(planned.cipher ?? state.cipher, written, versions);
      const meta = { ...written, ...(digest && { digest }) };
      const { discardDamaged = false } = planned;
      const change = { ...sealed, meta, discardDamaged, ...(log && { log }) };
      const { onBlocked } = this.#options;
      const stored = planned.replaces
        ? this.#store.replace(revision, change, { onBlocked })
        : this.#store.commit(revision, change);
      if (await stored) {
        return meta;
      }
      // If only the log has grown, the change need not be planned again.
      if (!log || (await this.#store.revision()) !== revision) return undefined;
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
    this.#adoptState(state);
  }

  /** Restarts the time until the idle lock. */
  #use(): void {
    if (this.#cipher && this.#cipher !== noCipher) this.#idleLock.restart();
  }

  #forget(): void {
    this.#locks++;
    this.#idleLock.stop();
    this.#retention.stop();
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

/** Ignores that the disk is full. @throws any other error */
function ignoreFullDisk(error: unknown): undefined {
  if (!(error instanceof FaceNetError && error.code === 'storage-full')) throw error;
}
