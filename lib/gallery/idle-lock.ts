/** How often an idle gallery compares the time with its deadline at least, in milliseconds. */
const maxStep = 5000;

/** A time of both clocks, in milliseconds. */
interface Deadline {
  wall: number;
  monotonic: number;
}

const never: Deadline = { wall: Number.POSITIVE_INFINITY, monotonic: Number.POSITIVE_INFINITY };

/**
 * Locks an idle gallery. Timers and the monotonic clock stop while the device sleeps or the page is frozen, and the wall
 * clock can be set back: the gallery is locked when the deadline of either clock has passed, and both are compared every
 * few seconds.
 */
export class IdleLock {
  readonly #after: number | undefined;
  readonly #lock: () => void;
  #deadline = never;
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
    this.#start();
  }

  /** Locks now if the deadline has passed. */
  check(): void {
    if (this.#isDue()) this.#lock();
  }

  /** Runs a change that counts as use. The gallery is not locked meanwhile, and the time restarts at its end. */
  async during<T>(change: () => Promise<T>): Promise<T> {
    this.check();
    this.#changes++;
    try {
      return await change();
    } finally {
      this.#changes--;
      if (this.#deadline !== never) this.#start();
    }
  }

  /** Stops the time until the next restart. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#deadline = never;
  }

  #start(): void {
    const after = this.#after ?? Number.POSITIVE_INFINITY;
    this.#deadline = { wall: Date.now() + after, monotonic: performance.now() + after };
    this.#wait();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    const left = Math.min(this.#deadline.wall - Date.now(), this.#deadline.monotonic - performance.now());
    this.#timer = setTimeout(
      () => {
        this.check();
        // The end of a change restarts the time.
        if (this.#deadline !== never && this.#changes === 0) this.#wait();
      },
      Math.max(0, Math.min(left, maxStep)),
    );
  }

  #isDue(): boolean {
    const { wall, monotonic } = this.#deadline;
    return this.#changes === 0 && (Date.now() >= wall || performance.now() >= monotonic);
  }
}
