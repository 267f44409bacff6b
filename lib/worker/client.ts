import type { TemplateName } from '../alignment/templates.ts';
import type { DetectionLimits } from '../detection/detect.ts';
import { FaceNetError } from '../errors.ts';
import { portable, tainted } from '../image/picture.ts';
import type { LoadOptions } from '../options.ts';
import type { KnownFace, Pipeline, PipelineFacts } from '../pipeline.ts';
import { abortable } from '../runtime/signal.ts';
import type { EmbeddedFace, Face, ImageSource, Landmarks, Pixels } from '../types.ts';
import type { FrameAnswer, FrameRequest } from '../video/frame.ts';
import { type Answer, type Arguments, type FromWorker, fromSentError, type Method, type ToWorker } from './protocol.ts';
import { startWorker, WorkerUnavailable } from './start.ts';

interface Waiting {
  resolve: (answer: Answer<Method>) => void;
  reject: (error: unknown) => void;
}

/** A pipeline in a module worker of its own, so that the page never waits for a network. */
export class WorkerPipeline implements Pipeline {
  readonly facts: PipelineFacts;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #lost: FaceNetError | undefined;

  private constructor(worker: Worker, facts: PipelineFacts) {
    this.facts = facts;
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#hear(data);
    worker.onerror = (event) => this.#lose(event.message);
  }

  /**
   * Starts a worker and loads the pipeline in it.
   *
   * @throws {WorkerUnavailable} when none starts; whatever loading throws.
   */
  static async load(options: LoadOptions): Promise<WorkerPipeline> {
    if (typeof OffscreenCanvas === 'undefined') throw new WorkerUnavailable('this browser has no OffscreenCanvas');
    const worker = await startWorker(
      () => new Worker(new URL('./host.ts', import.meta.url), { type: 'module', name: 'facenet-web' }),
      options.signal,
    );
    try {
      return new WorkerPipeline(worker, await abortable(loadedIn(worker, options), options.signal));
    } catch (error) {
      worker.terminate();
      throw error;
    }
  }

  detect(source: ImageSource, limits: DetectionLimits, signal?: AbortSignal): Promise<Face[]> {
    return this.#call('detect', source, [limits], signal);
  }

  landmarks(source: ImageSource, faces: readonly KnownFace[], signal?: AbortSignal): Promise<Landmarks[]> {
    return this.#call('landmarks', source, [faces], signal);
  }

  align(
    source: ImageSource,
    face: KnownFace,
    template: TemplateName,
    size: number,
    signal?: AbortSignal,
  ): Promise<Pixels> {
    return this.#call('align', source, [face, template, size], signal);
  }

  embed(
    source: ImageSource,
    which: readonly KnownFace[] | DetectionLimits,
    signal?: AbortSignal,
  ): Promise<EmbeddedFace[]> {
    return this.#call('embed', source, [which], signal);
  }

  embedCrop(crop: ImageSource, signal?: AbortSignal): Promise<Float32Array> {
    return this.#call('embedCrop', crop, [], signal);
  }

  follow(source: ImageSource, request: FrameRequest, signal?: AbortSignal): Promise<FrameAnswer> {
    return this.#call('follow', source, [request], signal);
  }

  async dispose(): Promise<void> {
    this.#worker.terminate();
  }

  async #call<M extends Method>(
    method: M,
    source: ImageSource,
    args: Arguments<M>,
    signal: AbortSignal | undefined,
  ): Promise<Answer<M>> {
    const { image, owned } = await portable(source, signal);
    const id = this.#calls++;
    const abort = () => this.#tell({ type: 'abort', id });
    try {
      signal?.throwIfAborted();
      if (this.#lost) throw this.#lost;
      this.#tell({ type: 'call', id, method, image, args }, owned ? [image as ImageBitmap] : []);
      signal?.addEventListener('abort', abort, { once: true });
      const answer = new Promise<Answer<Method>>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
      return (await answer) as Answer<M>;
    } catch (error) {
      // A bitmap that may not be read may not be sent either; there is nothing else here that could not be.
      throw isUnsendable(error) ? tainted(error) : error;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#waiting.delete(id);
      // What was sent is the worker's; what was not must be freed here.
      if (owned) (image as ImageBitmap).close();
    }
  }

  #tell(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #hear(message: FromWorker): void {
    if (message.type === 'answer') this.#waiting.get(message.id)?.resolve(message.answer);
    if (message.type === 'failed') this.#waiting.get(message.id)?.reject(fromSentError(message.error));
  }

  /** Every call that waits, and every later one, is told that the worker is gone. */
  #lose(reason: string): void {
    this.#lost = new FaceNetError(
      'backend-unavailable',
      `The worker stopped (${reason}): dispose of this FaceNet and load another.`,
    );
    for (const { reject } of this.#waiting.values()) reject(this.#lost);
    this.#worker.terminate();
  }
}

function isUnsendable(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'DataCloneError';
}

/** Has the worker load, and waits for it. */
function loadedIn(worker: Worker, { onProgress, signal: _, worker: __, ...options }: LoadOptions) {
  return new Promise<PipelineFacts>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === 'progress') onProgress?.(data.progress);
      if (data.type === 'loaded') resolve(data.facts);
      if (data.type === 'load-failed') reject(fromSentError(data.error));
    };
    worker.onerror = (event) => reject(new WorkerUnavailable(`the worker stopped (${event.message})`));
    worker.postMessage({ type: 'load', options } satisfies ToWorker);
  });
}
