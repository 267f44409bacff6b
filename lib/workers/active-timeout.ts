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
