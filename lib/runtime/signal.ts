import { FaceNetError } from '../errors.ts';
import type { Abortable } from '../types.ts';

/** @throws {FaceNetError} `option-invalid` for options that are no object, or whose `signal` is none. */
export function checkedOptions<Options extends Abortable>(options: Options): Options {
  if (typeof options !== 'object' || options === null) {
    throw new FaceNetError('option-invalid', `The options are ${options}: pass an object, or leave them out.`);
  }
  const { signal } = options;
  if (signal !== undefined && typeof signal?.throwIfAborted !== 'function') {
    throw new FaceNetError('option-invalid', 'signal must be an AbortSignal: pass the signal of an AbortController.');
  }
  return options;
}

/**
 * Waits for a promise, or for the signal: whichever comes first. An abort rejects with `signal.reason`; the work behind
 * the promise may still run to its end, unseen.
 */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  // Who waits no longer is not told how it ended.
  promise.catch(() => {});
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}

/** How long a thread may be kept busy before what else waits for it is let through, in milliseconds: half a frame. */
const longestStretch = 8;

/** When the thread was last free. */
let lastBreath = 0;

/**
 * Lets the thread do what has been waiting for a while (draw, answer a click, abort this very call), then goes on unless the
 * call was aborted. Without it a chain of WebAssembly runs would be one long task, since their promises settle at once.
 */
export async function breathe(signal: AbortSignal | undefined): Promise<void> {
  if (performance.now() - lastBreath >= longestStretch) {
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(undefined);
    });
    lastBreath = performance.now();
  }
  signal?.throwIfAborted();
}
