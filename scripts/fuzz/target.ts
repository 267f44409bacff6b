import type { Random } from './mutate.ts';

/** A kind of input that may come from somebody with bad intentions. */
export interface Target<Case = unknown> {
  /** How long a case may take, in milliseconds. Beyond it, it counts as a hang. */
  limitMs: number;
  /** Makes a case out of a generator's numbers: plain JSON, bytes in base64. */
  make(random: Random): Case;
}

/** One that is run in Node. */
export interface NodeTarget<Case = unknown> extends Target<Case> {
  /** Gives what came of it: an answer that was found right, or the code of a typed error. @throws anything else: a finding. */
  run(given: Case): Promise<string>;
}

/** One that is run in a page. */
export interface PageTarget<Case = unknown> extends Target<Case> {
  /** Runs in a page, once, before the cases. */
  prepare(): Promise<void>;
  /** Runs in a page, for each case, as {@link NodeTarget.run} does. */
  run(given: Case): Promise<string>;
}

export const toBase64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
