import type { LoadOptions } from '../options.ts';
import type { PipelineFacts } from '../pipeline.ts';
import { abortable } from '../runtime/signal.ts';
import { type FromWorker, fromSentError, type ToWorker } from './protocol.ts';

/** Why no worker could be started here; the page can still do the work itself. */
export class WorkerUnavailable extends Error {}

/** That a worker which had started is gone. */
export class WorkerDied extends Error {}

/** A module worker in which a pipeline is loaded. */
export class Thread {
  readonly facts: PipelineFacts;
  onMessage: (message: FromWorker) => void = () => {};
  /** Told when the worker is gone, unless it was the page that ended it. */
  onDeath: (error: WorkerDied) => void = () => {};
  readonly #worker: Worker;
  readonly #life: Life;

  private constructor(worker: Worker, life: Life, facts: PipelineFacts) {
    this.facts = facts;
    this.#worker = worker;
    this.#life = life;
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.onMessage(data);
    life.onDeath = (error) => this.onDeath(error);
  }

  /**
   * Starts a worker and loads the pipeline in it.
   *
   * @throws {WorkerUnavailable} when none starts or it dies while it loads; whatever loading throws.
   */
  static async start({ onProgress, signal, worker: _, ...options }: LoadOptions): Promise<Thread> {
    const { worker, lock } = await startWorker(signal);
    const life = new Life(worker, lock);
    try {
      const loaded = new Promise<PipelineFacts>((resolve, reject) => {
        life.onDeath = ({ message }) => reject(new WorkerUnavailable(`the worker stopped (${message})`));
        worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
          if (data.type === 'progress') onProgress?.(data.progress);
          if (data.type === 'loaded') resolve(data.facts);
          if (data.type === 'load-failed') reject(fromSentError(data.error));
        };
      });
      worker.postMessage({ type: 'load', options } satisfies ToWorker);
      return new Thread(worker, life, await abortable(loaded, signal));
    } catch (error) {
      life.end();
      throw error;
    }
  }

  tell(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  end(): void {
    this.#life.end();
  }
}

/** Tells when a worker has died. */
class Life {
  onDeath: (error: WorkerDied) => void = () => {};
  readonly #worker: Worker;
  readonly #over = new AbortController();

  constructor(worker: Worker, lock: string | undefined) {
    this.#worker = worker;
    // What it throws unasked leaves it in an unknown state, and what cannot be read will never be answered.
    worker.onerror = (event) => this.#die(event.message || 'it threw an error');
    worker.onmessageerror = () => this.#die('it sent what cannot be read');
    // No event tells of a worker that the browser has killed, but the lock that it held is free then.
    if (lock === undefined) return;
    navigator.locks
      .request(lock, { signal: this.#over.signal }, () => this.#die('the browser ended it'))
      .catch(() => {});
  }

  end(): void {
    this.#over.abort();
    this.#worker.terminate();
  }

  #die(reason: string): void {
    if (this.#over.signal.aborted) return;
    this.end();
    this.onDeath(new WorkerDied(reason));
  }
}

/** A worker whose script runs, and the name of the lock that it holds. */
async function startWorker(signal: AbortSignal | undefined): Promise<{ worker: Worker; lock: string | undefined }> {
  // A worker needs no further one, and there is none in Node.
  if (typeof document === 'undefined') throw new WorkerUnavailable('this is no page');
  if (typeof Worker === 'undefined') throw new WorkerUnavailable('this browser has no workers');
  if (typeof OffscreenCanvas === 'undefined') throw new WorkerUnavailable('this browser has no OffscreenCanvas');
  let worker: Worker | undefined;
  try {
    // In just these words bundlers know a worker.
    const started = trusted(
      () => new Worker(new URL('./host.ts', import.meta.url), { type: 'module', name: 'facenet-web' }),
    );
    worker = started;
    const awake = new Promise<string | undefined>((resolve, reject) => {
      started.onmessage = ({ data }: MessageEvent<FromWorker>) => {
        if (data.type === 'awake') resolve(data.lock);
      };
      started.onerror = (event) => {
        // A worker that does not start is no error of the page, which goes on without it.
        event.preventDefault();
        reject(new Error(event.message || 'its script could not be loaded'));
      };
    });
    return { worker: started, lock: await abortable(awake, signal) };
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
 * makes the one address which the library starts a script from, and nothing else passes through it.
 */
function trusted(start: () => Worker): Worker {
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
