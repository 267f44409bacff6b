import { abortable } from './cancellation.ts';

/**
 * Calls `onEnd` after a number of seconds in which this thread was active. Time in which it was frozen or blocked does not count, nor
 * does the time before a prerendered page is shown: its workers start only then.
 *
 * @returns a function that cancels the timeout.
 */
export function activeTimeout(seconds: number, onEnd: () => void): () => void {
  let left = seconds;
  const timer = setInterval(() => {
    if ((globalThis.document as { prerendering?: boolean } | undefined)?.prerendering || --left > 0) return;
    clearInterval(timer);
    onEnd();
  }, 1000);
  return () => clearInterval(timer);
}

/**
 * Waits for a promise, but at most for a number of seconds in which this thread was active.
 *
 * @throws what the promise rejects with; `timeoutError()` after the timeout; `signal.reason` when aborted.
 */
export async function withActiveTimeout<T>(
  promise: Promise<T>,
  seconds: number,
  timeoutError: () => Error,
  signal: AbortSignal | undefined,
): Promise<T> {
  let cancel: (() => void) | undefined;
  const timedOut = new Promise<never>((_, reject) => {
    cancel = activeTimeout(seconds, () => reject(timeoutError()));
  });
  try {
    return await abortable(Promise.race([promise, timedOut]), signal);
  } finally {
    cancel?.();
  }
}
