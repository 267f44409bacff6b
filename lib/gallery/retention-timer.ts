/** The longest delay of setTimeout, which takes a signed 32-bit number of milliseconds. */
const maxDelay = 2 ** 31 - 1;

/**
 * Runs at the time of the next expiry. That time is one of the wall clock: timers stop while the device sleeps or the page
 * is frozen, so callers also ask {@link due}.
 */
export class RetentionTimer {
  readonly #expire: () => void;
  #at = Number.POSITIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param expire called when the time has come. */
  constructor(expire: () => void) {
    this.#expire = expire;
  }

  /** Whether the time has come. */
  get due(): boolean {
    return Date.now() >= this.#at;
  }

  /** Sets the time, in milliseconds since 1970; Infinity: never. */
  schedule(at: number): void {
    this.stop();
    this.#at = at;
    if (at === Number.POSITIVE_INFINITY) return;
    const delay = Math.min(maxDelay, Math.max(0, at - Date.now()));
    this.#timer = setTimeout(() => (this.due ? this.#expire() : this.schedule(at)), delay);
  }

  /** Forgets the time. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#at = Number.POSITIVE_INFINITY;
  }
}
