/** The result of a case, or of a measurement of memory. */
export interface Answer {
  outcome?: string;
  finding?: string;
  /** In bytes. */
  held?: number;
}

/** Runs the cases of a target in isolation, and survives hangs and crashes. */
export interface Host {
  /** Runs a case. A hang or a crash is a finding. */
  run(given: unknown): Promise<Answer>;
  /** The bytes held while idle, after garbage collection. */
  held(): Promise<number>;
  close(): Promise<void>;
}
