import { abortable } from '../core/cancellation.ts';
import { activeTimeout } from './active-timeout.ts';

/**
 * Waits for a worker's first message, which its script sends as soon as it runs. No event reports a worker that was killed before.
 *
 * @param seconds the timeout.
 * @throws {Error} when the script fails or nothing arrives in time; `signal.reason` when aborted.
 */
export async function firstMessage(worker: Worker, seconds: number, signal?: AbortSignal): Promise<void> {
  let cancel: (() => void) | undefined;
  const message = new Promise<void>((resolve, reject) => {
    cancel = activeTimeout(seconds, () => reject(new Error(`it was silent for ${seconds} seconds`)));
    worker.onmessage = () => resolve();
    worker.onerror = (event) => {
      // The page works without a worker that does not start: this is no uncaught error of the page.
      event.preventDefault();
      reject(new Error(event.message || 'its script could not be loaded'));
    };
  });
  try {
    await abortable(message, signal);
  } finally {
    cancel?.();
  }
}
