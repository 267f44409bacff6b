import { FaceNetError } from '../core/errors.ts';
import { versionsAfter } from './completeness.ts';
import type { Cipher } from './crypto/vault.ts';
import { isMeta } from './meta.ts';
import { type DamageList, isDamage, withKind } from './repair.ts';
import type { SessionKey } from './session-key.ts';
import { checkTemplateKey, metaOf, type SessionOptions } from './session-setup.ts';
import { loadState } from './session-state.ts';
import { type ChangeTarget, commitPlan, ignoreFailedWrite } from './session-writing.ts';
import type { ChangePlan, GalleryState } from './state.ts';
import type { DamagedRecord, Snapshot, Store } from './storage/store.ts';

/** What the records of a session need. */
interface RecordsOptions {
  target: ChangeTarget;
  key: SessionKey;
  /** The template key and the rule follow the changes made in the session. */
  options: SessionOptions;
  /** Called with each state that is in use from then on. */
  onState: (state: GalleryState) => void;
}

/** The decrypted records of an open gallery. They are read again after another tab has written. */
export class SessionRecords {
  readonly #target: ChangeTarget;
  readonly #store: Store;
  readonly #key: SessionKey;
  readonly #options: SessionOptions;
  readonly #onState: (state: GalleryState) => void;
  #state: GalleryState | undefined;
  #closed: string | undefined;
  /** The damaged records that could not be set aside, because the browser could not write. */
  #damage: DamageList = [];

  constructor({ target, key, options, onState }: RecordsOptions) {
    this.#target = target;
    this.#store = target.store;
    this.#key = key;
    this.#options = options;
    this.#onState = onState;
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** @throws {FaceNetError} `disposed` */
  requireOpen(): void {
    if (this.#closed === undefined) return;
    throw new FaceNetError('disposed', `The gallery ${this.#closed}: open it again with Gallery.open().`);
  }

  /** Closes the store. @param reason completes the sentence "The gallery …" in the errors of later calls. */
  close(reason: string): void {
    this.#closed = reason;
    this.#store.close();
  }

  /** The state at the store's revision. @throws {FaceNetError} `gallery-locked`, `disposed`, `gallery-corrupt` */
  async current(signal?: AbortSignal): Promise<GalleryState> {
    for (;;) {
      const revision = await this.#store.revision();
      this.requireOpen();
      if (this.#state && this.#state.meta.revision === revision) return this.#state;
      const snapshot = await this.#store.read();
      this.requireOpen();
      try {
        const state = await this.#load(snapshot, signal);
        if (state) return state;
      } catch (error) {
        // A call in this tab can have changed the key during the decryption.
        if (!isDamage(error) || !(await this.hasChanged(revision))) throw error;
      }
    }
  }

  /**
   * Whether the gallery has changed since a revision, in this tab or in another. Then a record that does not open need not be
   * damaged: it can have another key, or be deleted.
   */
  async hasChanged(revision: number): Promise<boolean> {
    return (await this.#store.revision()) !== revision;
  }

  /** Continues with a state: the one that was read, or the one after a change. */
  adopt(state: GalleryState): void {
    this.#state = state;
    this.#key.use(state.cipher, state.meta.vault);
    this.#onState(state);
  }

  /**
   * Sets aside the damaged records that could not be written before, as far as the browser can write now: a change would cover the
   * loss without an entry in the log.
   *
   * @returns false if another tab has changed the gallery.
   */
  async setAsideRest(state: GalleryState): Promise<boolean> {
    return this.#damage.length === 0 || this.#setAside(state, this.#damage);
  }

  /** Drops the decrypted records. */
  forget(): void {
    this.#state = undefined;
  }

  /** The damaged records that were set aside in this session and in earlier ones. */
  async damaged(): Promise<DamagedRecord[]> {
    const stored = await this.#store.damaged();
    this.requireOpen();
    const records = new Map(this.#damage.map((record) => [`${record.kind} ${record.id}`, record]));
    for (const { key, row: _, ...record } of stored) records.set(key, withKind(record));
    return [...records.values()];
  }

  /** Decrypts all records. @returns undefined if the gallery or its key has changed while damage was found. */
  async #load(snapshot: Snapshot, signal?: AbortSignal): Promise<GalleryState | undefined> {
    const meta = metaOf(snapshot, this.#options);
    const { templateKey, rule = meta.rule } = this.#options;
    checkTemplateKey(meta, templateKey);
    const tested = this.#key.cipher;
    // Another tab has set a passphrase, or replaced the data key. A call in this tab can have begun with another key meanwhile.
    if (meta.vault && !(await this.#key.opens(meta)) && this.#key.cipher === tested) this.#key.drop();
    const cipher = this.#key.require();
    if (!meta.vault && this.#key.isSecret) throw unencrypted();
    const damage = this.#options.repair ? damageOf(snapshot) : undefined;
    const opened = { meta, rule, cipher, templateKey };
    const state = await loadState(this.#store, snapshot, opened, { damage, signal });
    const isDamaged = damage !== undefined && damage.length > 0;
    this.#damage = [];
    // The session may have been closed or locked during decryption, and again while damage was written. After a change of the key
    // in this tab, the records that did not open have the new one.
    if (!this.#uses(cipher)) return isDamaged ? undefined : state;
    if (isDamaged && !(await this.#setAside(state, damage))) return undefined;
    if (this.#uses(cipher)) this.adopt(state);
    return state;
  }

  /** Whether the session still has a key. @throws {FaceNetError} `disposed`, `gallery-locked` */
  #uses(cipher: Cipher): boolean {
    this.requireOpen();
    return this.#key.require() === cipher;
  }

  /**
   * Moves damaged records out of the gallery. If they cannot be written, for example because the disk is full, they are left out in
   * memory.
   *
   * @returns false if another tab has changed the gallery. Then the records need not be damaged: it can have another key.
   */
  async #setAside(state: GalleryState, damage: DamageList): Promise<boolean> {
    const { revision } = state.meta;
    if (await this.hasChanged(revision)) return false;
    const sealed = { setAside: damage };
    const versions = versionsAfter(state.versions, sealed);
    await this.#target.log.restartIfBroken(state);
    const plan: ChangePlan<void> = { events: [{ event: 'set-aside', damaged: damage }], result: () => undefined };
    const options = { signal: undefined, onCommit: () => {} };
    try {
      const meta = await commitPlan(this.#target, state, plan, { sealed, versions }, options);
      if (!meta) return false;
      Object.assign(state, { meta, versions });
      this.#damage = [];
    } catch (error) {
      if (isDamage(error) && (await this.hasChanged(revision))) return false;
      ignoreFailedWrite(error);
      this.#damage = damage;
    }
    return true;
  }
}

/** The error for a gallery that was encrypted when it was unlocked, and is not any more: no call removes the encryption. */
function unencrypted(): FaceNetError {
  return new FaceNetError(
    'gallery-corrupt',
    'The encrypted gallery was replaced by one without encryption, whose people are not those of the gallery: erase it and import an export.',
  );
}

/** The damage that is known before the records are decrypted. */
function damageOf({ meta }: Snapshot): DamageList {
  return isMeta(meta) ? [] : [{ kind: 'gallery', id: 'gallery' }];
}
