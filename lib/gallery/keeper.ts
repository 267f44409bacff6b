import type { ComparisonRule } from '../comparison/compare.ts';
import { abortable } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Contents, PlainChange } from './contents.ts';
import { type Cipher, createVault, noCipher, openVault } from './crypto/vault.ts';
import { parseMeta } from './meta.ts';
import { openContents, openCrop, sealChange } from './sealing.ts';
import { databaseName, indexedDBStore } from './storage/indexeddb.ts';
import { memoryStore } from './storage/memory.ts';
import type { Meta, Store } from './storage/store.ts';

/** What a {@link Keeper} needs to know. */
export interface KeeperOptions {
  name: string;
  storage: 'indexeddb' | 'memory';
  /** The rule to go by; without it the one that the gallery keeps. */
  rule: ComparisonRule | undefined;
  passphrase: string | undefined;
  /** The check of the template key, where there is one. */
  rotation: Meta['rotation'];
  /** Milliseconds without use after which the gallery is locked. */
  lockAfter: number | undefined;
  /** Called when another tab changed the gallery. */
  onChange: (() => void) | undefined;
  signal: AbortSignal | undefined;
}

/** A gallery as it was at a revision, in plain. */
export interface Loaded {
  meta: Meta;
  rule: ComparisonRule;
  contents: Contents;
  cipher: Cipher;
}

/** What a change writes, and what comes of it. */
export interface Plan<Result> {
  /** Left out when nothing is to be written. */
  change?: PlainChange;
  /** What is new in the gallery's own record. */
  meta?: Partial<Pick<Meta, 'rule' | 'vault' | 'rotation'>>;
  /** What seals this change and all later ones, where that is new. */
  cipher?: Cipher;
  /** Made after the change was written, of the gallery as it is then. */
  result: (loaded: Loaded) => Result;
}

/**
 * Keeps a gallery: a store, the cipher while it is unlocked, and the contents in memory, which are read again when another
 * tab has written. All changes go through {@link change}, one after another.
 */
export class Keeper {
  readonly #store: Store;
  readonly #options: KeeperOptions;
  readonly #channel: BroadcastChannel | undefined;
  #cipher: Cipher | undefined;
  #loaded: Loaded | undefined;
  #gone: string | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #idle: ReturnType<typeof setTimeout> | undefined;

  private constructor(store: Store, options: KeeperOptions) {
    this.#store = store;
    this.#options = options;
    if (options.storage === 'memory') return;
    this.#channel = new BroadcastChannel(databaseName(options.name));
    this.#channel.onmessage = () => options.onChange?.();
  }

  /** Opens a gallery, or makes it. What fails halfway is closed. */
  static async open(options: KeeperOptions): Promise<Keeper> {
    const { name, storage, signal } = options;
    let keeper: Keeper | undefined;
    const store =
      storage === 'memory'
        ? memoryStore()
        : await indexedDBStore(name, () => keeper?.close('was erased or upgraded in another tab'));
    keeper = new Keeper(store, options);
    try {
      await abortable(keeper.#start(), signal);
      return keeper;
    } catch (error) {
      keeper.close('was not opened');
      throw error;
    }
  }

  /** Whether a passphrase is needed to go on. */
  get locked(): boolean {
    this.#requireOpen();
    return this.#cipher === undefined;
  }

  /** The gallery as it is now. @throws {FaceNetError} `gallery-locked`, `disposed`, `gallery-corrupt` */
  async fresh(signal?: AbortSignal): Promise<Loaded> {
    signal?.throwIfAborted();
    this.#requireOpen();
    this.#stayAwake();
    const revision = await abortable(this.#store.revision(), signal);
    this.#requireOpen();
    if (this.#loaded && this.#loaded.meta.revision === revision) return this.#loaded;
    return this.#load(signal);
  }

  /**
   * Plans a change on the gallery as it is, and writes it in one transaction. When another tab wrote in between, the plan is
   * made anew: it is never written over what it did not see.
   */
  change<Result>(plan: (loaded: Loaded) => Promise<Plan<Result>>, signal?: AbortSignal): Promise<Result> {
    const changed = this.#turn.then(() => this.#change(plan, signal));
    this.#turn = changed.catch(() => {});
    return abortable(changed, signal);
  }

  /** The kept crop of a template. @throws {FaceNetError} `gallery-corrupt` when it is gone or damaged. */
  async crop(id: string, { cipher }: Loaded): Promise<Blob> {
    const row = await this.#store.crop(id);
    if (!row) throw new FaceNetError('gallery-corrupt', `The crop of the template ${id} is gone: restore an export.`);
    return openCrop(cipher, row);
  }

  /** @throws {FaceNetError} `option-invalid` when there is no passphrase to unlock with. */
  async lock(): Promise<void> {
    this.#requireOpen();
    if (!(await this.#meta()).vault) {
      throw new FaceNetError('option-invalid', 'The gallery has no passphrase: give it one with protect() first.');
    }
    this.#forget();
  }

  /** @throws {FaceNetError} `key-wrong`, `gallery-corrupt` */
  async unlock(passphrase: string, signal?: AbortSignal): Promise<void> {
    this.#requireOpen();
    const { vault } = await this.#meta();
    if (!vault) throw new FaceNetError('option-invalid', 'The gallery has no passphrase: there is nothing to unlock.');
    const cipher = await abortable(openVault(vault, passphrase), signal);
    this.#requireOpen();
    this.#cipher = cipher;
    this.#loaded = undefined;
    await this.fresh(signal);
  }

  async erase(): Promise<void> {
    this.#requireOpen();
    await this.#turn;
    await this.#store.erase();
    this.close('was erased');
  }

  /** @param how what happened to the gallery, for the message of later calls. */
  close(how = 'was closed'): void {
    if (this.#gone) return;
    this.#gone = how;
    this.#forget();
    this.#channel?.close();
    this.#store.close();
  }

  /** Lets the change under way come to its end, then closes. */
  async settle(): Promise<void> {
    await this.#turn;
    this.close();
  }

  async #start(): Promise<void> {
    const { rule, passphrase, rotation } = this.#options;
    if ((await this.#store.revision()) === 0) await this.#create();
    const meta = await this.#meta();
    checkRotation(meta, rotation);
    if (rule && rule.model === meta.rule.model && JSON.stringify(rule) !== JSON.stringify(meta.rule)) {
      // A newer calibration of the same model is kept, so that it holds where the gallery is opened without a FaceNet.
      await this.#store.commit(meta.revision, { meta: { ...meta, rule } });
    }
    if (meta.vault && passphrase !== undefined) this.#cipher = await openVault(meta.vault, passphrase);
    if (!meta.vault) {
      if (passphrase !== undefined) {
        throw new FaceNetError(
          'option-invalid',
          'The gallery was made without a passphrase: open it without, then call protect(passphrase).',
        );
      }
      this.#cipher = noCipher;
    }
    if (this.#cipher) await this.fresh(this.#options.signal);
  }

  async #create(): Promise<void> {
    const { rule, passphrase, rotation } = this.#options;
    const { people, templates } = await this.#store.read();
    if (people.length + templates.length > 0) parseMeta(undefined);
    if (!rule) {
      throw new FaceNetError('option-invalid', 'The gallery is new: open it with { facenet } the first time.');
    }
    const vault = passphrase === undefined ? undefined : (await createVault(passphrase)).header;
    // Whether this tab or another one made it does not matter: what is there is read next.
    await this.#store.commit(0, { meta: { rule, ...(vault && { vault }), ...(rotation && { rotation }) } });
  }

  async #meta(): Promise<Meta> {
    return parseMeta((await this.#store.read()).meta);
  }

  async #load(signal?: AbortSignal): Promise<Loaded> {
    const snapshot = await this.#store.read();
    const meta = parseMeta(snapshot.meta);
    checkRotation(meta, this.#options.rotation);
    // Another tab has given it a passphrase.
    if (meta.vault && this.#cipher === noCipher) this.#forget();
    const cipher = this.#requireUnlocked();
    const rule = this.#options.rule ?? meta.rule;
    const loaded = { meta, rule, cipher, contents: await openContents(cipher, snapshot, rule, signal) };
    // It may have been locked or closed meanwhile.
    this.#requireOpen();
    if (this.#requireUnlocked() === cipher) this.#loaded = loaded;
    return loaded;
  }

  async #change<Result>(plan: (loaded: Loaded) => Promise<Plan<Result>>, signal?: AbortSignal): Promise<Result> {
    for (;;) {
      const loaded = await this.fresh(signal);
      const { change, meta, cipher = loaded.cipher, result } = await plan(loaded);
      if (!change) return result(loaded);
      const { revision, ...kept } = { ...loaded.meta, ...meta };
      const sealed = await sealChange(cipher, change, signal);
      signal?.throwIfAborted();
      this.#requireOpen();
      if (!(await this.#store.commit(revision, { ...sealed, meta: kept }))) continue;
      this.#channel?.postMessage('changed');
      if (meta) return result(await this.#changedMeta(cipher, { ...kept, revision: revision + 1 }));
      await loaded.contents.apply(change);
      loaded.meta = { ...kept, revision: revision + 1 };
      return result(loaded);
    }
  }

  /** After a change of rule, passphrase or template key everything is read anew. */
  async #changedMeta(cipher: Cipher, meta: Meta): Promise<Loaded> {
    if (this.#cipher) this.#cipher = cipher;
    this.#options.rotation = meta.rotation;
    if (this.#options.rule) this.#options.rule = meta.rule;
    this.#loaded = undefined;
    return this.fresh();
  }

  #forget(): void {
    clearTimeout(this.#idle);
    this.#cipher = undefined;
    this.#loaded = undefined;
  }

  /** Puts off the lock after idle. */
  #stayAwake(): void {
    const { lockAfter } = this.#options;
    if (lockAfter === undefined || this.#cipher === noCipher) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#forget(), lockAfter);
  }

  #requireUnlocked(): Cipher {
    if (this.#cipher) return this.#cipher;
    throw new FaceNetError('gallery-locked', 'The gallery is locked: call unlock(passphrase) first.');
  }

  #requireOpen(): void {
    if (!this.#gone) return;
    throw new FaceNetError('disposed', `The gallery ${this.#gone}: open it again with Gallery.open().`);
  }
}

/** Whether the template key given is the gallery's. */
function checkRotation({ rotation }: Meta, given: Meta['rotation']): void {
  if (rotation && !given) {
    throw new FaceNetError(
      'key-wrong',
      'The embeddings are rotated by a template key: open the gallery with { templateKey }.',
    );
  }
  if (!rotation && given) {
    throw new FaceNetError(
      'option-invalid',
      'The gallery was made without a template key: open it without, then call reissue(templateKey).',
    );
  }
  if (rotation && given && rotation.join() !== given.join()) {
    throw new FaceNetError('key-wrong', 'The template key is not the one that the gallery was made with.');
  }
}
