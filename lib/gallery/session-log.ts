import { SerialQueue } from '../core/serial-queue.ts';
import type { Bytes } from './crypto/bytes.ts';
import { readLog, resealLog, sealEvents } from './log.ts';
import type { LogEvent } from './log-events.ts';
import { isDamage } from './repair.ts';
import type { ChangePlan, GalleryState } from './state.ts';
import type { LogAppend, Meta, Store } from './storage/store.ts';
import { discarded } from './storage/transactions.ts';

/** The part of a gallery's state that its log depends on. */
type LoggedState = Pick<GalleryState, 'cipher' | 'rule'> & { meta: Pick<Meta, 'log'> };

/** The log of an open gallery. */
export class SessionLog {
  readonly #store: Store;
  /** Whether a gallery without a log is to get one. */
  readonly #starts: boolean;
  readonly #appends = new SerialQueue();

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

  /** Whether there is a log, and it is damaged. */
  async isBroken(state: LoggedState, signal?: AbortSignal): Promise<boolean> {
    try {
      await this.read(state, signal);
      return false;
    } catch (error) {
      if (!isDamage(error)) throw error;
      return true;
    }
  }

  /**
   * The part of a planned change that writes the log.
   *
   * @returns undefined if there is no log.
   */
  async planned(state: LoggedState, planned: ChangePlan<unknown>): Promise<LogAppend | undefined> {
    const { cipher = state.cipher, meta, restartsLog = false } = planned;
    const started = state.meta.log === true;
    if (!this.isWanted(state) && !restartsLog) return undefined;
    const events = [...(planned.events ?? []), ...(await this.#discards(planned))];
    const { model } = meta?.rule ?? state.rule;
    if (restartsLog) return sealEvents(this.#store, cipher, events, { model, log: 'broken' });
    if (cipher !== state.cipher && started) return resealLog(this.#store, state.cipher, cipher, events, model);
    if (events.length === 0) return undefined;
    return sealEvents(this.#store, cipher, events, { model, log: started ? 'started' : 'none' });
  }

  /**
   * Appends events to a log that was started. If another tab writes in between, they are sealed again.
   *
   * @param current reads the current state.
   */
  append(events: readonly LogEvent[], current: () => Promise<GalleryState>): Promise<void> {
    return this.#appends.run(async () => {
      for (;;) {
        const { cipher, rule, meta } = await current();
        const sealed = await sealEvents(this.#store, cipher, events, { model: rule.model, log: 'started' });
        if (await this.#store.appendLog(meta.revision, sealed)) return;
      }
    });
  }

  /** What the log records about the damaged records that a change deletes. */
  async #discards({ change, replaces, discardDamaged = replaces ?? false }: ChangePlan<unknown>): Promise<LogEvent[]> {
    const removePeople = change?.removePeople ?? [];
    if (!discardDamaged && removePeople.length === 0) return [];
    const rows = discarded(await this.#store.damaged(), { discardDamaged, removePeople });
    if (rows.length === 0) return [];
    const damaged = rows.map(({ kind, id, person }) => ({ kind, id, ...(person !== undefined && { person }) }));
    return [{ event: 'discarded', damaged }];
  }
}
