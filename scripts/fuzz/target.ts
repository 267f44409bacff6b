import type { Random } from './mutate.ts';

/** A kind of untrusted input. */
export interface Target<Case = unknown> {
  /** The time limit of a case, in milliseconds. A longer one counts as a hang. */
  limitMs: number;
  /** Generates a case: JSON, with bytes in base64. */
  make(random: Random): Case;
}

/** A target that runs in Node. */
export interface NodeTarget<Case = unknown> extends Target<Case> {
  /**
   * @returns the outcome: "answer" if the result is valid, else the code of a `FaceNetError`.
   * @throws anything else, which is a finding.
   */
  run(given: Case): Promise<string>;
}

/** A target that runs in a page. */
export interface PageTarget<Case = unknown> extends Target<Case> {
  /** Runs in the page once, before the cases. */
  prepare(): Promise<void>;
  /** Runs in the page for each case. See {@link NodeTarget.run}. */
  run(given: Case): Promise<string>;
}

/** Erases the type of the cases, so that targets fit into one record. */
export function nodeTarget<Case>(target: NodeTarget<Case>): NodeTarget {
  return target as NodeTarget;
}

/** Erases the type of the cases, so that targets fit into one record. */
export function pageTarget<Case>(target: PageTarget<Case>): PageTarget {
  return target as PageTarget;
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
