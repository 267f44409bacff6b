/** The progress of loading. */
export interface Progress {
  /** The file whose bytes were read last. */
  file: string;
  /** Bytes read so far, of all files. */
  loaded: number;
  /** Bytes of all files. It grows only when a fallback needs a further file, or a deployment replaces files meanwhile. */
  total: number;
  /** The share that is done, 0 to 1. It never decreases, and is 1 only in the last report. */
  progress: number;
}

/** Combines the progress of many files into one that never decreases. */
export class ProgressMeter {
  readonly #report: ((progress: Progress) => void) | undefined;
  #loaded = 0;
  #total = 0;
  #highest = 0;
  #file = '';

  constructor(report: ((progress: Progress) => void) | undefined) {
    this.#report = report;
  }

  /** Adds the size of a file that will be read. */
  expect(bytes: number): void {
    this.#total += bytes;
  }

  /** Adds bytes of a file that were read, and reports. */
  advance(file: string, bytes: number): void {
    this.#file = file;
    this.#loaded += bytes;
    // The networks start after the last byte: only finish() reports 1.
    this.#highest = Math.min(Math.max(this.#highest, this.#loaded / this.#total), 1 - Number.EPSILON);
    this.#emit(this.#highest);
  }

  /** Reports 1. */
  finish(): void {
    this.#loaded = this.#total;
    this.#emit(1);
  }

  #emit(progress: number): void {
    this.#report?.({ file: this.#file, loaded: Math.min(this.#loaded, this.#total), total: this.#total, progress });
  }
}
