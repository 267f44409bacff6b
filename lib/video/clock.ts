/**
 * A clock that never goes back: a step back of the machine's clock counts as no time at all, so that nothing which is due
 * after some time waits until the machine's clock has made it up.
 */
export class ForwardClock {
  #behind = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** The time, in milliseconds, when the machine's clock shows `time`; the same while that was never put back. */
  at(time: number): number {
    if (time + this.#behind < this.#last) this.#behind = this.#last - time;
    this.#last = time + this.#behind;
    return this.#last;
  }
}
