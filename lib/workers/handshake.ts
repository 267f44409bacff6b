/** The messages with which a worker announces itself; others may arrive between them. */
export type Handshake =
  /** Its script runs. */
  | { type: 'ready' }
  /**
   * It holds the Web Lock of this name until it ends. Without a name no lock was granted, and the page cannot detect the worker's
   * death.
   */
  | { type: 'locked'; lock: string | undefined };

/** The worker's side. A killed worker sends no event, but the browser releases its lock, which the page waits for. */
export async function sendHandshake(): Promise<void> {
  post({ type: 'ready' });
  post({ type: 'locked', lock: await acquireLock() });
}

/** Private windows may refuse locks, and insecure pages have none; the worker runs without one. */
function acquireLock(): Promise<string | undefined> {
  return new Promise((resolve) => {
    if (!navigator.locks) return resolve(undefined);
    const lock = `facenet-web worker ${crypto.randomUUID()}`;
    const holdUntilWorkerEnds = () => {
      resolve(lock);
      return new Promise(() => {});
    };
    navigator.locks.request(lock, holdUntilWorkerEnds).catch(() => resolve(undefined));
  });
}

function post(message: Handshake): void {
  postMessage(message);
}
