/** The number of recent files to average over. Fewer are unsteady, more react too slowly. */
const windowSize = 20;

/** Estimates how long the rest of a queue takes, from the mean duration of its most recent files. */
export class RemainingTime {
  readonly #durations: number[] = [];
  readonly #atOnce: number;

  /** @param atOnce the number of files that are indexed at once. */
  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Adds the duration of one file, in milliseconds. */
  add(duration: number): void {
    this.#durations.push(duration);
    if (this.#durations.length > windowSize) this.#durations.shift();
  }

  /** The estimate for a number of remaining files, in milliseconds. Undefined before two files are done. */
  estimate(files: number): number | undefined {
    const { length } = this.#durations;
    if (length < 2) return undefined;
    return (this.#durations.reduce((sum, duration) => sum + duration, 0) / length / this.#atOnce) * files;
  }
}
