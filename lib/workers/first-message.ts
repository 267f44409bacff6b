import { withActiveTimeout } from '../core/active-timeout.ts';

/**
 * Waits for a worker's first message, which its script sends as soon as it runs. No event reports a worker that was killed before.
 *
 * @param seconds the timeout.
 * @throws {Error} when the script fails or nothing arrives in time; `signal.reason` when aborted.
 */
export function firstMessage(worker: Worker, seconds: number, signal?: AbortSignal): Promise<void> {
  const message = new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = (event) => {
      // The page works without a worker that does not start: this is no uncaught error of the page.
      event.preventDefault();
      reject(new Error(event.message || 'its script could not be loaded'));
    };
  });
  return withActiveTimeout(message, seconds, () => new Error(`it was silent for ${seconds} seconds`), signal);
}
