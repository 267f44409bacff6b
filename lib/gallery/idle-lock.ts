/**
 * Locks an idle gallery. The deadline is a time of the wall clock: timers stop while the device sleeps or the page is
 * frozen, the clock does not.
 */
export class IdleLock {
  readonly #after: number | undefined;
  readonly #lock: () => void;
  #deadline = Number.POSITIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #changes = 0;

  /**
   * @param after milliseconds without a call until the lock; undefined: never.
   * @param lock locks the gallery.
   */
  constructor(after: number | undefined, lock: () => void) {
    this.#after = after;
    this.#lock = lock;
  }

  /** Locks now if the deadline has passed, and restarts the time otherwise. */
  restart(): void {
    if (this.#after === undefined) return;
    if (this.#isDue()) {
      this.#lock();
      return;
    }
    this.#deadline = Date.now() + this.#after;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.check(), this.#after);
  }

  /** Locks now if the deadline has passed. */
  check(): void {
    if (this.#isDue()) this.#lock();
  }

  /** Runs a change. The gallery is not locked meanwhile, and the time restarts at its end. */
  async during<T>(change: () => Promise<T>): Promise<T> {
    this.check();
    this.#changes++;
    try {
      return await change();
    } finally {
      this.#changes--;
      if (this.#deadline < Number.POSITIVE_INFINITY) {
        this.#deadline = Number.POSITIVE_INFINITY;
        this.restart();
      }
    }
  }

  /** Stops the time until the next restart. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#deadline = Number.POSITIVE_INFINITY;
  }

  #isDue(): boolean {
    return this.#changes === 0 && Date.now() >= this.#deadline;
  }
}
