/**
 * Counts seconds in which this thread runs, and then tells. What it was frozen or blocked for does not count, nor does the time
 * before a page is shown that was rendered ahead: its workers only start then.
 *
 * @returns what ends the count.
 */
export function countdown(seconds: number, onEnd: () => void): () => void {
  let left = seconds;
  const timer = setInterval(() => {
    if ((globalThis.document as { prerendering?: boolean } | undefined)?.prerendering || --left > 0) return;
    clearInterval(timer);
    onEnd();
  }, 1000);
  return () => clearInterval(timer);
}
