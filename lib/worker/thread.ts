import type { LoadOptions } from '../options.ts';
import type { PipelineFacts } from '../pipeline.ts';
import { abortable } from '../runtime/signal.ts';
import { type FromWorker, fromSentError, type ToWorker } from './protocol.ts';
import { startWorker, WorkerUnavailable } from './start.ts';

/** That a worker which had started is gone. */
export class WorkerDied extends Error {}

/** How long a worker may take to keep what it fetched before it is ended, in milliseconds. */
const longestKeeping = 5000;

/** A module worker in which a pipeline is loaded. */
export class Thread {
  readonly facts: PipelineFacts;
  onMessage: (message: FromWorker) => void = () => {};
  /** Told when the worker is gone, unless it was the page that ended it. */
  onDeath: (error: WorkerDied) => void = () => {};
  readonly #worker: Worker;
  readonly #life: Life;
  /** Those who wait until what was fetched is kept, in their order. */
  readonly #keeping: ((all: boolean) => void)[] = [];

  private constructor(worker: Worker, life: Life, facts: PipelineFacts) {
    this.facts = facts;
    this.#worker = worker;
    this.#life = life;
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === 'held') life.watch(data.lock);
      else if (data.type === 'kept') this.#keeping.shift()?.(data.all);
      else this.onMessage(data);
    };
    life.onDeath = (error) => {
      this.#expectNothingKept();
      this.onDeath(error);
    };
  }

  /**
   * Starts a worker and loads the pipeline in it.
   *
   * @throws {WorkerUnavailable} when none starts or it dies while it loads; whatever loading throws.
   */
  static async start({ onProgress, signal, worker: _, ...options }: LoadOptions): Promise<Thread> {
    if (typeof OffscreenCanvas === 'undefined') throw new WorkerUnavailable('this browser has no OffscreenCanvas');
    const worker = await startWorker(
      () => new Worker(new URL('./host.ts', import.meta.url), { type: 'module', name: 'facenet-web' }),
      signal,
    );
    const life = new Life(worker);
    try {
      const loaded = new Promise<PipelineFacts>((resolve, reject) => {
        life.onDeath = ({ message }) => reject(new WorkerUnavailable(`the worker stopped (${message})`));
        worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
          if (data.type === 'held') life.watch(data.lock);
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

  /** Has the worker keep what it fetched; whether all of it is kept, which nobody knows of a worker that died meanwhile. */
  keep(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#keeping.push(resolve);
      this.tell({ type: 'keep' });
    });
  }

  /** Ends the worker, and with it everything that it holds. What it fetched it may keep first, if that does not take too long. */
  async close(): Promise<void> {
    this.onDeath = () => {};
    const timer = setTimeout(() => this.#expectNothingKept(), longestKeeping);
    await this.keep();
    clearTimeout(timer);
    this.#life.end();
  }

  #expectNothingKept(): void {
    for (const tell of this.#keeping.splice(0)) tell(false);
  }
}

/** Tells when a worker has died. */
class Life {
  onDeath: (error: WorkerDied) => void = () => {};
  readonly #worker: Worker;
  readonly #over = new AbortController();

  constructor(worker: Worker) {
    this.#worker = worker;
    // What it throws unasked leaves it in an unknown state, and what cannot be read will never be answered.
    worker.onerror = (event) => this.#die(event.message || 'it threw an error');
    worker.onmessageerror = () => this.#die('it sent what cannot be read');
  }

  /** No event tells of a worker that the browser has killed, but the lock that it held is free then. */
  watch(lock: string): void {
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
