import { abortable } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';
import type { ImageSource } from '../core/types.ts';
import { taintedError } from '../image/errors.ts';
import { type Portable, portable } from '../image/portable.ts';
import { isStill } from '../image/source-types.ts';
import { deserialiseError } from '../workers/serialised-error.ts';
import { WorkerDied } from '../workers/supervised-worker.ts';
import { serveModels } from './model-functions.ts';
import type { LoadOptions } from './options.ts';
import type { Input, Output, Pipeline, PipelineFacts, RequestName } from './pipeline.ts';
import type { FromWorker, RequestMessage } from './protocol.ts';
import { type PipelineWorker, startWorker } from './start-worker.ts';
import { endedByDispose, frameLost, pictureLost, stoppedAgain } from './worker-errors.ts';

/** The longest time that a worker may take to write fetched files to the cache before it is terminated, in milliseconds. */
const maxPersistTime = 5000;

interface PendingRequest {
  resolve: (output: Output<RequestName>) => void;
  reject: (error: unknown) => void;
}

/**
 * A pipeline in a module worker, so that networks never block the page. Restarts a worker that died and retries its pending requests.
 * A worker that dies before its first answer is not restarted: the same input would kill it again.
 */
export class WorkerPipeline implements Pipeline {
  readonly #options: LoadOptions;
  readonly #pending = new Map<number, PendingRequest>();
  /** Callers of {@link persist}, in the order in which the worker answers them. */
  readonly #persisting: ((all: boolean) => void)[] = [];
  readonly #disposed = new AbortController();
  #facts: PipelineFacts;
  #worker: Promise<PipelineWorker>;
  #hasAnswered = true;
  #requests = 0;
  #lost = false;

  private constructor(options: LoadOptions, worker: PipelineWorker, facts: PipelineFacts) {
    const { onProgress: _, ...restartOptions } = options;
    this.#options = { ...restartOptions, signal: this.#disposed.signal };
    this.#facts = facts;
    this.#worker = Promise.resolve(worker);
    this.#listen(worker);
  }

  /**
   * Starts a worker and loads the pipeline in it.
   *
   * @throws {WorkerUnavailable} when no worker starts or it dies while it loads; whatever loading throws.
   */
  static async load(options: LoadOptions): Promise<WorkerPipeline> {
    const { worker, facts } = await startWorker(options);
    return new WorkerPipeline(options, worker, facts);
  }

  get facts(): PipelineFacts {
    return this.#facts;
  }

  get lost(): boolean {
    return this.#lost;
  }

  async request<Name extends RequestName>(
    name: Name,
    source: ImageSource,
    input: Input<Name>,
    signal?: AbortSignal,
  ): Promise<Output<Name>> {
    try {
      return await this.#send(name, source, input, signal);
    } catch (error) {
      if (!(error instanceof WorkerDied)) throw error;
      if (!isStill(source)) {
        throw frameLost(error);
      }
      return await this.#send(name, source, input, signal).catch((retryError) => {
        throw retryError instanceof WorkerDied || this.#lost ? pictureLost(error) : retryError;
      });
    }
  }

  /** Resolves to false when the worker dies meanwhile. */
  async persist(): Promise<boolean> {
    return this.#persistIn(await this.#worker);
  }

  async dispose(): Promise<void> {
    this.#disposed.abort();
    const worker = await this.#worker.catch(() => undefined);
    if (!worker) return;
    worker.onDeath = () => this.#failPersisting();
    const timer = setTimeout(() => this.#failPersisting(), maxPersistTime);
    await this.#persistIn(worker);
    clearTimeout(timer);
    worker.terminate();
    for (const { reject } of this.#pending.values()) reject(endedByDispose());
  }

  async #send<Name extends RequestName>(
    name: Name,
    source: ImageSource,
    input: Input<Name>,
    signal: AbortSignal | undefined,
  ): Promise<Output<Name>> {
    const image = await portable(source, signal);
    const id = this.#requests++;
    const worker = await this.#post({ type: 'request', id, name, input }, image, signal);
    const abort = () => worker.post({ type: 'abort', id });
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    try {
      const answer = new Promise<Output<RequestName>>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
      // A worker that hangs, or was killed unnoticed, does not answer that it has aborted.
      return (await abortable(answer, signal)) as Output<Name>;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#pending.delete(id);
    }
  }

  /** Posts a request to the running worker. A bitmap that the page owns is transferred, or closed if that fails. */
  async #post(
    message: Omit<RequestMessage, 'image'>,
    { image, owned }: Portable,
    signal: AbortSignal | undefined,
  ): Promise<PipelineWorker> {
    try {
      const worker = await abortable(this.#worker, signal);
      worker.post({ ...message, image } as RequestMessage, owned ? [image] : []);
      return worker;
    } catch (error) {
      if (owned) image.close();
      // The only part of a request that cannot be cloned is a bitmap whose pixels may not be read.
      throw isDataCloneError(error) ? taintedError(error) : error;
    }
  }

  #listen(worker: PipelineWorker): void {
    worker.onMessage = (message) => {
      serveModels(worker, message, this.#options.models, this.#disposed.signal);
      this.#receive(message);
    };
    worker.onDeath = (error) => this.#restart(error);
  }

  #receive(message: FromWorker): void {
    if (message.type === 'persisted') this.#persisting.shift()?.(message.all);
    if (message.type === 'changed') this.#facts = message.facts;
    if (message.type !== 'answer' && message.type !== 'failed') return;
    this.#hasAnswered = true;
    if (message.type === 'answer') this.#pending.get(message.id)?.resolve(message.output);
    else this.#pending.get(message.id)?.reject(deserialiseError(message.error));
  }

  /** Replaces a worker that died, and rejects the requests that it had not answered. */
  #restart(error: WorkerDied): void {
    this.#failPersisting();
    const restarted = this.#hasAnswered ? startWorker(this.#options) : Promise.reject(error);
    this.#hasAnswered = false;
    this.#worker = restarted.then(
      ({ worker, facts }) => {
        this.#facts = facts;
        this.#listen(worker);
        return worker;
      },
      (cause) => {
        throw cause instanceof FaceNetError ? cause : stoppedAgain(cause);
      },
    );
    // The next request reports the failure.
    this.#worker.catch(() => {
      this.#lost = true;
    });
    for (const { reject } of this.#pending.values()) reject(error);
  }

  #persistIn(worker: PipelineWorker): Promise<boolean> {
    return new Promise((resolve) => {
      this.#persisting.push(resolve);
      worker.post({ type: 'persist' });
    });
  }

  #failPersisting(): void {
    for (const resolve of this.#persisting.splice(0)) resolve(false);
  }
}

function isDataCloneError(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'DataCloneError';
}
