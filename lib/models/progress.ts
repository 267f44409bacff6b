/** How far loading has come. */
export interface Progress {
  /** The file that the last bytes belong to. */
  file: string;
  /** Bytes read so far, over all files. */
  loaded: number;
  /** Bytes of all files; grows only when a fall-back needs a file that was not foreseen. */
  total: number;
  /** The share of everything that is done: 0 to 1, never falling, exactly 1 once and at the end. */
  progress: number;
}

/** Adds up what many files report, into one progress that never falls. */
export class ProgressMeter {
  readonly #report: ((progress: Progress) => void) | undefined;
  #loaded = 0;
  #total = 0;
  #highest = 0;
  #file = '';

  constructor(report: ((progress: Progress) => void) | undefined) {
    this.#report = report;
  }

  /** Counts a file that will be read. */
  expect(bytes: number): void {
    this.#total += bytes;
  }

  /** Counts bytes of a file that were read. */
  advance(file: string, bytes: number): void {
    this.#file = file;
    this.#loaded += bytes;
    // Reading is not all: 1 is kept for the moment when everything is ready.
    this.#highest = Math.min(Math.max(this.#highest, this.#loaded / this.#total), 1 - Number.EPSILON);
    this.#emit(this.#highest);
  }

  /** Says that everything is ready. */
  finish(): void {
    this.#loaded = this.#total;
    this.#emit(1);
  }

  #emit(progress: number): void {
    this.#report?.({ file: this.#file, loaded: Math.min(this.#loaded, this.#total), total: this.#total, progress });
  }
}
