import { abortable } from '../runtime/signal.ts';

/** Why no worker could be started here; the page can still do the work itself. */
export class WorkerUnavailable extends Error {}

/**
 * A module worker whose script runs: its first message says so.
 *
 * @param make makes it; its address must stand there, where bundlers look for it.
 * @throws {WorkerUnavailable} when none starts; `signal.reason` when aborted.
 */
export async function startWorker(make: () => Worker, signal: AbortSignal | undefined): Promise<Worker> {
  // A worker needs no further one, and there is none in Node.
  if (typeof document === 'undefined') throw new WorkerUnavailable('this is no page');
  if (typeof Worker === 'undefined') throw new WorkerUnavailable('this browser has no workers');
  let worker: Worker | undefined;
  try {
    const started = make();
    worker = started;
    const awake = new Promise<void>((resolve, reject) => {
      started.onmessage = () => resolve();
      started.onerror = (event) => {
        // A worker that does not start is no error of the page, which goes on without it.
        event.preventDefault();
        reject(new Error(event.message || 'its script could not be loaded'));
      };
    });
    await abortable(awake, signal);
    return started;
  } catch (cause) {
    worker?.terminate();
    signal?.throwIfAborted();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WorkerUnavailable(`no worker started (${reason})`, { cause });
  }
}
