/**
 * Calls a callback of the application as soon as the running code ends. An error of the callback is the application's: thrown in
 * between, it would replace the result of a call that has nothing to do with it.
 */
export function callLater<Given extends unknown[]>(
  callback: ((...given: Given) => void) | undefined,
  ...given: Given
): void {
  if (callback) queueMicrotask(() => callback(...given));
}
