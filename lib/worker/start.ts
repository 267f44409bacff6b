import { abortable } from '../runtime/signal.ts';

/** Why no worker could be started here; the page can still do the work itself. */
export class WorkerUnavailable extends Error {}

/**
 * Starts a module worker, and waits for its greeting: the first message of its script.
 *
 * @param make makes it; its address must stand there, where bundlers look for it.
 * @returns the worker.
 * @throws {WorkerUnavailable} when none starts; `signal.reason` when aborted.
 */
export async function startWorker(make: () => Worker, signal: AbortSignal | undefined): Promise<Worker> {
  // A worker needs no further pipeline, and there is none in Node.
  if (typeof document === 'undefined') throw new WorkerUnavailable('this is no page');
  if (typeof Worker === 'undefined') throw new WorkerUnavailable('this browser has no workers');
  let worker: Worker | undefined;
  try {
    const started = trusted(make);
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

/** Where the browser has Trusted Types: what makes addresses of scripts. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined;

/**
 * Starts a worker on a page that wants Trusted Types: its Content-Security-Policy must allow the policy `facenet-web`. That
 * makes the addresses of the library's own two scripts, and nothing else passes through it.
 */
export function trusted(start: () => Worker): Worker {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (!trustedTypes) return start();
  policy ??= trustedTypes.createPolicy('facenet-web', { createScriptURL: (url) => url });
  const trustedPolicy = policy;
  const { Worker } = globalThis;
  // The address is made where a bundler wants to see it, so that it is trusted on its way.
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(trustedPolicy.createScriptURL(String(url)), options);
    }
  };
  try {
    return start();
  } finally {
    globalThis.Worker = Worker;
  }
}
