/** The share of the time that verifications may take while frames are waiting. */
const maxShare = 0.05;

/** The weight of the newest duration in the mean. */
const meanWeight = 0.3;

/**
 * Limits the time of verifications, so that they cost at most a twentieth of the frame rate. The time in which the tracker waits for a frame
 * is free: a machine that keeps up with the video verifies every face in time.
 */
export class VerificationBudget {
  /** The time that is left, in milliseconds. */
  #credit = 0;
  /** The mean duration of a verification, in milliseconds; 0 before the first. */
  #duration = 0;

  /** Records how long the verifications of a frame took together, in milliseconds. */
  record(verifications: number, elapsed: number): void {
    if (verifications === 0) return;
    const duration = elapsed / verifications;
    this.#duration = this.#duration === 0 ? duration : this.#duration + meanWeight * (duration - this.#duration);
  }

  /**
   * Adds the time between two requested frames.
   *
   * @param elapsed the time since the last requested frame, in milliseconds.
   * @param idle the part of it in which no frame was processed.
   * @param tracks the number of faces. No more credit is kept than their verifications take.
   */
  add(elapsed: number, idle: number, tracks: number): void {
    // Before the first frame.
    if (!Number.isFinite(elapsed)) return;
    this.#credit = Math.min(this.#credit + idle + maxShare * (elapsed - idle), tracks * this.#duration);
  }

  /** Takes the time of one verification. @returns whether there is enough. */
  take(): boolean {
    if (this.#credit < this.#duration) return false;
    this.#credit -= this.#duration;
    return true;
  }
}
