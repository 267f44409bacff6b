/**
 * Waits for a promise or for the signal, whichever settles first. An abort rejects with `signal.reason`; the work behind the
 * promise may continue, but its result is dropped.
 */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  // After an abort nothing else handles a rejection of this promise.
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

/** How long the library may occupy a thread before it yields, in milliseconds: half a frame at 60 Hz. */
const maxBusyTime = 8;

let lastYield = 0;

/**
 * Yields to the event loop if the thread has been busy for more than {@link maxBusyTime}, so that the page can draw, handle input
 * and abort this call. Promises of WebAssembly runs settle in microtasks: without a yield a chain of them is one long task.
 *
 * @throws `signal.reason` when aborted.
 */
export async function yieldToEventLoop(signal: AbortSignal | undefined): Promise<void> {
  if (performance.now() - lastYield >= maxBusyTime) {
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(undefined);
    });
    lastYield = performance.now();
  }
  signal?.throwIfAborted();
}

/** Runs work with a signal that aborts as soon as one of several does. `AbortSignal.any` would need newer browsers. */
export async function withAnySignal<T>(
  signals: readonly (AbortSignal | undefined)[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const given = signals.filter((signal) => signal !== undefined);
  const abort = () => controller.abort(given.find(({ aborted }) => aborted)?.reason);
  for (const signal of given) signal.addEventListener('abort', abort);
  if (given.some(({ aborted }) => aborted)) abort();
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of given) signal.removeEventListener('abort', abort);
  }
}

/**
 * Runs work that an abort no longer rejects once it commits, so that the caller learns whether the commit succeeded.
 *
 * @param work calls `onCommit` when it begins to commit. It checks the signal before.
 */
export function abortableUntilCommit<T>(
  work: (onCommit: () => void) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (!signal) return work(() => {});
  const uncommitted = new AbortController();
  const abort = () => uncommitted.abort(signal.reason);
  const onCommit = () => signal.removeEventListener('abort', abort);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return abortable(work(onCommit).finally(onCommit), uncommitted.signal);
}
