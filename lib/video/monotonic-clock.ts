/**
 * A clock that never runs backwards. A step back of the system clock counts as no elapsed time, so that intervals measured with this
 * clock still end.
 */
export class MonotonicClock {
  #offset = 0;
  #last = Number.NEGATIVE_INFINITY;

  /**
   * Converts a time of the system clock.
   *
   * @param time in milliseconds.
   * @returns the time of this clock in milliseconds, never less than before. Equal to `time` until the system clock steps back.
   */
  convert(time: number): number {
    if (time + this.#offset < this.#last) this.#offset = this.#last - time;
    this.#last = time + this.#offset;
    return this.#last;
  }
}
