import { abortable, abortableUntilCommit } from '../core/cancellation.ts';
import { SerialQueue } from '../core/serial-queue.ts';
import { callLater } from './call-later.ts';
import type { IdleLock } from './idle-lock.ts';
import type { LogEvent } from './log-events.ts';
import type { ErasureReceipt } from './receipt.ts';
import { planExpiry, planUnseenStart } from './retention.ts';
import { RetentionTimer } from './retention-timer.ts';
import type { SessionChannel } from './session-channel.ts';
import type { SessionKey } from './session-key.ts';
import { onCurrentState } from './session-reading.ts';
import type { SessionRecords } from './session-records.ts';
import { type OpenedVault, planRuleUpdate, planVaultRenewal, readMeta, type SessionOptions } from './session-setup.ts';
import { type ChangeTarget, ignoreFailedWrite, ignoreFullDisk, prepareChange, writeChange } from './session-writing.ts';
import type { ChangePlanner, GalleryState } from './state.ts';

/** The parts of a session that its changes use. */
interface ChangesOptions {
  target: ChangeTarget;
  records: SessionRecords;
  key: SessionKey;
  idleLock: IdleLock;
  channel: SessionChannel;
  /** Its `rule` and `templateKey` follow the changes. */
  options: SessionOptions;
}

/** Reads the state of a session, runs its changes one after another, and removes people whose time has passed. */
export class SessionChanges {
  readonly #parts: ChangesOptions;
  readonly #queue = new SerialQueue();
  readonly #appends = new SerialQueue();
  /** Removes people at the time at which theirs has passed. */
  readonly retention = new RetentionTimer(() => {
    // The next call repeats a removal that fails here, and reports the error.
    this.expire().catch(() => {});
  });

  constructor(parts: ChangesOptions) {
    this.#parts = parts;
  }

  /**
   * Begins with a key, and again if another tab replaces the vault before the records are read.
   *
   * @param obtainKey uses the key unless the gallery is locked meanwhile, which the number of locks tells, and returns its vault;
   *   undefined without a key: then the gallery stays locked.
   */
  async beginWith(
    obtainKey: (locks: number) => Promise<OpenedVault | undefined>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { key, target, options } = this.#parts;
    const { locks } = key;
    for (;;) {
      let opened = undefined as OpenedVault | undefined;
      try {
        return await key.during(async () => {
          opened = await obtainKey(locks);
          if (opened) await this.#begin(opened, signal);
        });
      } catch (error) {
        if (!opened || !(await key.isReplaced(error, opened.vault, () => readMeta(target.store, options)))) throw error;
      }
    }
  }

  /** The current state, with people whose time has passed. @throws {FaceNetError} `gallery-locked`, `disposed`, `gallery-corrupt` */
  async current(signal?: AbortSignal): Promise<GalleryState> {
    const { records, idleLock } = this.#parts;
    signal?.throwIfAborted();
    records.requireOpen();
    idleLock.check();
    return abortable(records.current(signal), signal);
  }

  /** The current state, without people whose time has passed. See `GallerySession.state`. */
  async state(signal: AbortSignal | undefined, background: boolean): Promise<GalleryState> {
    if (!background) this.#use();
    const state = await this.current(signal);
    if (!this.retention.due) return state;
    await this.expire(signal, !background);
    return this.current(signal);
  }

  /**
   * Reads from the current state.
   *
   * @param read is repeated if the gallery is changed while it reads, and it finds a damaged record.
   */
  read<T>(read: (state: GalleryState) => Promise<T>, signal: AbortSignal | undefined, background: boolean): Promise<T> {
    const { records } = this.#parts;
    return onCurrentState(read, { records, current: () => this.state(signal, background), signal });
  }

  /** Runs a change after the removal of people whose time has passed. See `GallerySession.change`. */
  async change<Result>(
    plan: ChangePlanner<Result>,
    signal: AbortSignal | undefined,
    background: boolean,
  ): Promise<Result> {
    if (!background) this.#use();
    if (this.retention.due) await this.expire(signal, !background);
    return this.enqueue(plan, signal, !background);
  }

  /** Removes all people whose time has passed. @param counts as for {@link enqueue} */
  async expire(signal?: AbortSignal, counts = false): Promise<ErasureReceipt[]> {
    const { removeUnseenAfter, onExpire } = this.#parts.options;
    const receipts = await this.enqueue((state) => planExpiry(state, removeUnseenAfter), signal, counts);
    // The removal is stored: an error of the callback must not fail it.
    if (receipts.length > 0) callLater(onExpire, receipts);
    return receipts;
  }

  /** Runs work that counts as use. The gallery is not locked for idleness meanwhile. */
  using<T>(work: () => Promise<T>): Promise<T> {
    return this.#parts.idleLock.during(work);
  }

  /**
   * Adds events to the log, if there is one.
   *
   * @param read the state that the events are about. Without a log in it, the gallery may be locked by now.
   */
  async record(read: GalleryState, events: LogEvent[], signal: AbortSignal | undefined): Promise<void> {
    const { log } = this.#parts.target;
    if (!log.isWanted(read)) return;
    const state = await this.current(signal);
    if (log.canAppend(state)) return this.#append(events, signal);
    // The gallery's record changes too: it states that there is a log.
    return this.enqueue(async () => ({ change: {}, events, result: () => undefined }), signal);
  }

  /**
   * Runs a change after the pending ones.
   *
   * @param counts whether the change counts as use: then it defers the idle lock, whose time restarts at its end. Any other change
   *   ends with `gallery-locked` if the gallery is locked before it is written.
   */
  enqueue<Result>(plan: ChangePlanner<Result>, signal: AbortSignal | undefined, counts = false): Promise<Result> {
    const run = (onCommit: () => void) =>
      this.after(async () => {
        if (!counts) return this.#untilLock(signal, (signal) => this.#change(plan, onCommit, signal));
        const result = await this.#parts.idleLock.during(() => this.#change(plan, onCommit, signal));
        // The change may have set the first passphrase: until then no time ran.
        this.#use();
        return result;
      });
    return abortableUntilCommit(run, signal);
  }

  /** Runs a function after the pending changes. */
  after<Result>(run: () => Promise<Result>): Promise<Result> {
    return this.#queue.run(run);
  }

  /**
   * Begins with a gallery whose key is known: starts a broken log anew if it is opened for repair, stores from when
   * `removeUnseenAfter` counts, removes people whose time has passed, stores a newer calibration, and replaces a vault of release 0.1.0. A full disk does not keep it from opening, and, if it is opened for
   * repair, neither does any other failure to write.
   */
  async #begin(opened: OpenedVault, signal: AbortSignal | undefined): Promise<void> {
    const { target, records, options } = this.#parts;
    const { rule, repair, removeUnseenAfter } = options;
    const ignoreFailure = repair ? ignoreFailedWrite : ignoreFullDisk;
    const isBroken = async (state: GalleryState) => repair && (await target.log.restartIfBroken(state, signal));
    if (await onCurrentState(isBroken, { records, current: () => this.current(signal), signal })) {
      await this.enqueue(async () => ({ change: {}, result: () => undefined }), signal, true).catch(ignoreFailure);
    }
    // Before the removal, which depends on it.
    if (removeUnseenAfter !== undefined) await this.enqueue(planUnseenStart, signal, true).catch(ignoreFailure);
    await this.state(signal, false).catch(ignoreFailure);
    if (rule) await this.enqueue((state) => planRuleUpdate(state, rule), signal, true).catch(ignoreFailure);
    // Last: a lock in a later step would be taken for that of a vault which another tab has replaced.
    if (opened.renewed)
      await this.enqueue((state) => planVaultRenewal(state, opened), signal, true).catch(ignoreFailure);
  }

  async #change<Result>(
    plan: ChangePlanner<Result>,
    onCommit: () => void,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    const { target, records } = this.#parts;
    const commit = { signal, onCommit: this.#committing(onCommit, signal) };
    const attempt = async (state: GalleryState) => {
      const planned = await plan(state);
      if (!planned.change) return { planned, state };
      if (!(await records.setAsideRest(state))) return undefined;
      const prepared = await prepareChange(target.store, state, planned, signal);
      const next = await writeChange(target, prepared, commit);
      return next && { planned, state: next };
    };
    for (;;) {
      const done = await onCurrentState(attempt, { records, current: () => this.current(signal) });
      if (!done) continue;
      if (done.planned.change) this.#adopt(done.state);
      return done.planned.result(done.state);
    }
  }

  /** Adds events to a log that was started. If another tab writes in between, they are sealed again. */
  #append(events: LogEvent[], signal: AbortSignal | undefined): Promise<void> {
    const { records, target } = this.#parts;
    const run = (onCommit: () => void) =>
      this.#appends.run(() =>
        this.#untilLock(signal, async (signal) => {
          const options = { signal, onCommit: this.#committing(onCommit, signal) };
          const append = (state: GalleryState) => target.log.append(state, events, options);
          while (!(await onCurrentState(append, { records, current: () => this.current(signal) })));
        }),
      );
    return abortableUntilCommit(run, signal);
  }

  /** Runs work that a lock ends while it waits for other tabs: it would keep names in memory. @throws {FaceNetError} `gallery-locked`, `disposed` */
  async #untilLock<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { key, records } = this.#parts;
    try {
      return await key.untilLock(signal, work);
    } catch (error) {
      // Also the close of the session drops the key.
      records.requireOpen();
      throw error;
    }
  }

  /** What to do when a call begins to write: from then on the signal is ignored. */
  #committing(onCommit: () => void, signal: AbortSignal | undefined): () => void {
    return () => {
      signal?.throwIfAborted();
      this.#parts.records.requireOpen();
      onCommit();
    };
  }

  /** Continues with the state after a change, and tells other tabs. A session that was locked or closed stays so. */
  #adopt(state: GalleryState): void {
    const { records, key, channel, options } = this.#parts;
    if (records.isClosed) return;
    options.templateKey = state.templateKey;
    if (options.rule) options.rule = state.rule;
    channel.post('changed');
    if (key.cipher) records.adopt(state);
  }

  /** Restarts the time until the idle lock. */
  #use(): void {
    if (this.#parts.key.isSecret) this.#parts.idleLock.restart();
  }
}
