import type { Bytes } from './crypto/bytes.ts';
import { readLog, sealEvents } from './log.ts';
import type { LogEvent } from './log-events.ts';
import { LogResealing } from './log-resealing.ts';
import { isDamage, withKind } from './repair.ts';
import type { ChangePlan, GalleryState } from './state.ts';
import type { LogAppend, Meta, Store, WriteOptions } from './storage/store.ts';
import { discarded } from './storage/transactions.ts';

/** The part of a gallery's state that its log depends on. */
type LoggedState = Pick<GalleryState, 'cipher' | 'rule'> & { meta: Pick<Meta, 'log'> };

/** The log of an open gallery. */
export class SessionLog {
  readonly #store: Store;
  /** Whether a gallery without a log is to get one. */
  readonly #starts: boolean;
  /** Whether the next change deletes the log and starts a new one, if it is still broken. */
  #restarts = false;

  constructor(store: Store, starts: boolean) {
    this.#store = store;
    this.#starts = starts;
  }

  /** Whether events are recorded in this state. */
  isWanted({ meta }: LoggedState): boolean {
    return this.#starts || meta.log === true;
  }

  /** The lines of the log, checked; none without a log. @throws {FaceNetError} `gallery-corrupt` if it is broken. */
  async read({ meta, cipher }: LoggedState, signal?: AbortSignal): Promise<Bytes[]> {
    return meta.log ? readLog(this.#store, cipher, signal) : [];
  }

  /**
   * Lets the next change delete a log that is broken, and start a new one. Until then nothing can be added to the log.
   *
   * @returns whether it is broken.
   */
  async restartIfBroken(state: LoggedState, signal?: AbortSignal): Promise<boolean> {
    try {
      await this.read(state, signal);
      this.#restarts = false;
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#restarts = true;
    }
    return this.#restarts;
  }

  /** Whether events can be added without another change: there is a log, and it is not to be started anew. */
  canAppend({ meta }: LoggedState): boolean {
    return meta.log === true && !this.#restarts;
  }

  /**
   * Plans what a change writes to the log.
   *
   * @returns a function to call before each attempt to write the change in the same state. It returns undefined if there is no log.
   */
  planner(state: LoggedState, planned: ChangePlan<unknown>): () => Promise<LogAppend | undefined> {
    const { cipher: to = state.cipher } = planned;
    const resealing = to === state.cipher ? undefined : new LogResealing(this.#store, { from: state.cipher, to });
    return () => this.#planned(state, planned, resealing);
  }

  /** @param resealing seals the whole log if the change has another cipher. */
  async #planned(
    state: LoggedState,
    planned: ChangePlan<unknown>,
    resealing: LogResealing | undefined,
  ): Promise<LogAppend | undefined> {
    const { cipher = state.cipher, meta } = planned;
    const started = state.meta.log === true;
    if (!this.isWanted(state)) return undefined;
    const events = [...(planned.events ?? []), ...(await this.#discards(planned))];
    const { model } = meta?.rule ?? state.rule;
    // Another tab can have started it anew meanwhile.
    if (this.#restarts && (await this.restartIfBroken(state)))
      return sealEvents(this.#store, cipher, events, { model, log: 'broken' });
    if (resealing && started) return resealing.append(events, model);
    if (events.length === 0) return undefined;
    return sealEvents(this.#store, cipher, events, { model, log: started ? 'started' : 'none' });
  }

  /** Appends events to a log that was started. @returns false if another tab has written in between. */
  async append(
    { cipher, rule, meta }: GalleryState,
    events: readonly LogEvent[],
    options: WriteOptions,
  ): Promise<boolean> {
    const sealed = await sealEvents(this.#store, cipher, events, { model: rule.model, log: 'started' });
    return this.#store.appendLog(meta.revision, sealed, options);
  }

  /** What the log records about the damaged records that a change deletes. */
  async #discards({ change, replaces, discardDamaged = replaces ?? false }: ChangePlan<unknown>): Promise<LogEvent[]> {
    const removePeople = change?.removePeople ?? [];
    if (!discardDamaged && removePeople.length === 0) return [];
    const rows = discarded(await this.#store.damaged(), { discardDamaged, removePeople });
    if (rows.length === 0) return [];
    const damaged = rows.map(({ kind, id, person }) => withKind({ kind, id, ...(person !== undefined && { person }) }));
    return [{ event: 'discarded', damaged }];
  }
}
