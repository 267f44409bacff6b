import { abortable } from '../core/cancellation.ts';
import { countdown } from './countdown.ts';

/**
 * Waits for a worker's first message, which its script sends when it runs: no event tells of a worker that was ended before.
 *
 * @param seconds how long it may take.
 * @throws {Error} when its script fails or nothing comes; `signal.reason` when aborted.
 */
export async function firstWord(worker: Worker, seconds: number, signal?: AbortSignal): Promise<void> {
  let end: (() => void) | undefined;
  const word = new Promise<void>((resolve, reject) => {
    end = countdown(seconds, () => reject(new Error(`it was silent for ${seconds} seconds`)));
    worker.onmessage = () => resolve();
    worker.onerror = (event) => {
      // A worker that does not start is no error of the page, which goes on without it.
      event.preventDefault();
      reject(new Error(event.message || 'its script could not be loaded'));
    };
  });
  try {
    await abortable(word, signal);
  } finally {
    end?.();
  }
}
