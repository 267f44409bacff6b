import { abortable } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';
import { versionsAfter } from './completeness.ts';
import type { Cipher } from './crypto/vault.ts';
import { parseMeta } from './meta.ts';
import type { DamageList } from './repair.ts';
import type { SessionKey } from './session-key.ts';
import { checkTemplateKey, type SessionOptions } from './session-setup.ts';
import { loadState } from './session-state.ts';
import { type ChangeTarget, commitPlan, ignoreFullDisk } from './session-writing.ts';
import type { ChangePlan, GalleryState } from './state.ts';
import type { DamagedRecord, Store } from './storage/store.ts';

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
  /** The damaged records that could not be set aside, because the disk is full. */
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
    const revision = await abortable(this.#store.revision(), signal);
    this.requireOpen();
    if (this.#state && this.#state.meta.revision === revision) return this.#state;
    return this.#load(signal);
  }

  /** Continues with a state: the one that was read, or the one after a change. */
  adopt(state: GalleryState): void {
    this.#state = state;
    this.#key.use(state.cipher, state.meta.vault);
    this.#onState(state);
  }

  /** Drops the decrypted records. */
  forget(): void {
    this.#state = undefined;
  }

  /** The damaged records that were set aside in this session and in earlier ones. */
  async damaged(): Promise<DamagedRecord[]> {
    this.requireOpen();
    const records = new Map(this.#damage.map((record) => [`${record.kind} ${record.id}`, record]));
    for (const { key, row: _, ...record } of await this.#store.damaged()) records.set(key, withKind(record));
    return [...records.values()];
  }

  async #load(signal?: AbortSignal): Promise<GalleryState> {
    const snapshot = await this.#store.read();
    const meta = parseMeta(snapshot.meta);
    const { templateKey, rule = meta.rule } = this.#options;
    checkTemplateKey(meta, templateKey);
    // Another tab has set a passphrase, or replaced the data key.
    if (meta.vault && !(await this.#key.opens(meta))) this.#key.forget();
    const cipher = this.#key.require();
    const damage: DamageList | undefined = this.#options.repair ? [] : undefined;
    const opened = { meta, rule, cipher, templateKey };
    const state = await loadState(this.#store, snapshot, opened, { damage, signal });
    // The session may have been closed or locked during decryption, and again while damage was written.
    if (!this.#uses(cipher)) return state;
    if (damage && damage.length > 0) await this.#setAside(state, damage);
    if (this.#uses(cipher)) this.adopt(state);
    return state;
  }

  /** Whether the session still has a key. @throws {FaceNetError} `disposed`, `gallery-locked` */
  #uses(cipher: Cipher): boolean {
    this.requireOpen();
    return this.#key.require() === cipher;
  }

  /** Moves damaged records out of the gallery. A full disk does not prevent its use: they are left out in memory then. */
  async #setAside(state: GalleryState, damage: DamageList): Promise<void> {
    const sealed = { setAside: damage };
    const versions = versionsAfter(state.versions, sealed);
    const plan: ChangePlan<void> = {
      events: [{ event: 'set-aside', damaged: damage }],
      restartsLog: await this.#target.log.isBroken(state),
      result: () => undefined,
    };
    const options = { signal: undefined, onCommit: () => {} };
    const meta = await commitPlan(this.#target, state, plan, { sealed, versions }, options).catch(ignoreFullDisk);
    if (meta) Object.assign(state, { meta, versions });
    this.#damage = meta ? [] : damage;
  }
}

/** A record that was set aside, with its present kind: earlier releases called an enrolled face a template. */
function withKind(record: DamagedRecord): DamagedRecord {
  return (record.kind as string) === 'template' ? { ...record, kind: 'face' } : record;
}
