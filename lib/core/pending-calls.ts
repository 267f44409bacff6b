import { activeTimeout } from './active-timeout.ts';

/** {@link PendingCalls.settled} gives up if no pending call ends within this time, in seconds. */
const maxSilence = 30;

/** Tracks the calls in progress, so that their resources are freed only after them. */
export class PendingCalls {
  readonly #calls = new Set<Promise<unknown>>();

  /** Tracks a call until it settles. @returns the same promise. */
  track<T>(call: Promise<T>): Promise<T> {
    this.#calls.add(call);
    const remove = () => this.#calls.delete(call);
    call.then(remove, remove);
    return call;
  }

  /**
   * Waits until every call tracked so far has been fulfilled or rejected, but gives up when none of them was for {@link maxSilence}:
   * a worker that hangs, or was killed unnoticed, answers none. Time in which this thread was blocked or frozen does not count.
   *
   * @returns whether all have settled. Never rejects.
   */
  async settled(): Promise<boolean> {
    const calls = [...this.#calls];
    if (calls.length === 0) return true;
    let ended = false;
    let cancel = () => {};
    const silent = new Promise<false>((resolve) => {
      const restart = () => {
        cancel();
        if (!ended) cancel = activeTimeout(maxSilence, () => resolve(false));
      };
      for (const call of calls) call.then(restart, restart);
      restart();
    });
    const all = Promise.allSettled(calls).then(() => true);
    const result = await Promise.race([all, silent]);
    ended = true;
    cancel();
    return result;
  }
}
