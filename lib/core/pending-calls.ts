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

  /** Resolves when every call tracked so far has been fulfilled or rejected. Never rejects. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#calls);
  }
}
