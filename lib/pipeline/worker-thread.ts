import { abortable } from '../core/cancellation.ts';
import { deserialiseError } from '../workers/serialised-error.ts';
import { SupervisedWorker, type WorkerDied, WorkerUnavailable } from '../workers/supervised-worker.ts';
import type { PipelineFacts } from './local-pipeline.ts';
import type { LoadOptions } from './options.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

/** How long a worker may take to keep what it fetched before it is ended, in milliseconds. */
const longestKeeping = 5000;

/** A module worker in which a pipeline is loaded. */
export class Thread {
  readonly facts: PipelineFacts;
  onMessage: (message: FromWorker) => void = () => {};
  /** Told when the worker is gone, unless it was the page that ended it. */
  onDeath: (error: WorkerDied) => void = () => {};
  readonly #worker: SupervisedWorker<ToWorker, FromWorker>;
  /** Those who wait until what was fetched is kept, in their order. */
  readonly #keeping: ((all: boolean) => void)[] = [];

  private constructor(worker: SupervisedWorker<ToWorker, FromWorker>, facts: PipelineFacts) {
    this.facts = facts;
    this.#worker = worker;
    worker.onMessage = (message) => {
      if (message.type === 'persisted') this.#keeping.shift()?.(message.all);
      else this.onMessage(message);
    };
    worker.onDeath = (error) => {
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
    const worker = await SupervisedWorker.start<ToWorker, FromWorker>(
      () => new Worker(new URL('./worker-entry.ts', import.meta.url), { type: 'module', name: 'facenet-web' }),
      signal,
    );
    try {
      const loaded = new Promise<PipelineFacts>((resolve, reject) => {
        worker.onDeath = ({ message }) => reject(new WorkerUnavailable(`the worker stopped (${message})`));
        worker.onMessage = (message) => {
          if (message.type === 'progress') onProgress?.(message.progress);
          if (message.type === 'loaded') resolve(message.facts);
          if (message.type === 'load-failed') reject(deserialiseError(message.error));
        };
      });
      worker.post({ type: 'load', options });
      return new Thread(worker, await abortable(loaded, signal));
    } catch (error) {
      worker.terminate();
      throw error;
    }
  }

  tell(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.post(message, transfer);
  }

  /** Has the worker keep what it fetched; whether all of it is kept, which nobody knows of a worker that died meanwhile. */
  persist(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#keeping.push(resolve);
      this.tell({ type: 'persist' });
    });
  }

  /** Ends the worker, and with it everything that it holds. What it fetched it may keep first, if that does not take too long. */
  async close(): Promise<void> {
    this.onDeath = () => {};
    const timer = setTimeout(() => this.#expectNothingKept(), longestKeeping);
    await this.persist();
    clearTimeout(timer);
    this.#worker.terminate();
  }

  #expectNothingKept(): void {
    for (const tell of this.#keeping.splice(0)) tell(false);
  }
}
