import { abortable } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';
import type { EmbeddedFace, Face, ImageSource, Landmarks, Pixels, TemplateName } from '../core/types.ts';
import type { DetectionLimits } from '../detection/detect.ts';
import { taintedError } from '../image/errors.ts';
import { portable } from '../image/portable.ts';
import { isStill } from '../image/source-types.ts';
import { deserialiseError } from '../workers/serialised-error.ts';
import { WorkerDied } from '../workers/supervised-worker.ts';
import type { FrameAnswer, FrameRequest } from './frame.ts';
import type { KnownFace, Pipeline, PipelineFacts } from './local-pipeline.ts';
import type { LoadOptions } from './options.ts';
import type { Answer, Arguments, FromWorker, Method } from './protocol.ts';
import { Thread } from './worker-thread.ts';

interface Waiting {
  resolve: (answer: Answer<Method>) => void;
  reject: (error: unknown) => void;
}

/**
 * A pipeline in a module worker of its own, so that the page never waits for a network. A worker that dies is started
 * again, and what it was asked is asked again; not, however, one that dies before it has answered anything, since that
 * which killed it would go on doing so.
 */
export class WorkerPipeline implements Pipeline {
  readonly #options: LoadOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #disposed = new AbortController();
  #facts: PipelineFacts;
  #thread: Promise<Thread>;
  #answered = true;
  #calls = 0;

  private constructor(options: LoadOptions, thread: Thread) {
    const { onProgress: _, ...again } = options;
    this.#options = { ...again, signal: this.#disposed.signal };
    this.#facts = thread.facts;
    this.#thread = Promise.resolve(thread);
    this.#listen(thread);
  }

  /**
   * Starts a worker and loads the pipeline in it.
   *
   * @throws {WorkerUnavailable} when none starts; whatever loading throws.
   */
  static async load(options: LoadOptions): Promise<WorkerPipeline> {
    return new WorkerPipeline(options, await Thread.start(options));
  }

  get facts(): PipelineFacts {
    return this.#facts;
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

  async persist(): Promise<boolean> {
    return (await this.#thread).persist();
  }

  async dispose(): Promise<void> {
    this.#disposed.abort();
    await (await this.#thread.catch(() => undefined))?.close();
  }

  async #call<M extends Method>(
    method: M,
    source: ImageSource,
    args: Arguments<M>,
    signal: AbortSignal | undefined,
  ): Promise<Answer<M>> {
    try {
      return await this.#ask(method, source, args, signal);
    } catch (error) {
      if (!(error instanceof WorkerDied)) throw error;
      if (!isStill(source)) {
        throw new FaceNetError(
          'worker-lost',
          `The worker stopped (${error.message}) and took the picture along: ask again, another is being started.`,
        );
      }
      return await this.#ask(method, source, args, signal).catch((again) => {
        throw again instanceof WorkerDied ? stoppedAgain(again) : again;
      });
    }
  }

  async #ask<M extends Method>(
    method: M,
    source: ImageSource,
    args: Arguments<M>,
    signal: AbortSignal | undefined,
  ): Promise<Answer<M>> {
    const { image, owned } = await portable(source, signal);
    const id = this.#calls++;
    let abort: (() => void) | undefined;
    try {
      const thread = await abortable(this.#thread, signal);
      abort = () => thread.tell({ type: 'abort', id });
      thread.tell({ type: 'call', id, method, image, args }, owned ? [image as ImageBitmap] : []);
      signal?.addEventListener('abort', abort, { once: true });
      const answer = new Promise<Answer<Method>>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
      return (await answer) as Answer<M>;
    } catch (error) {
      // A bitmap that may not be read may not be sent either; there is nothing else here that could not be.
      throw isUnsendable(error) ? taintedError(error) : error;
    } finally {
      if (abort) signal?.removeEventListener('abort', abort);
      this.#waiting.delete(id);
      // What was sent is the worker's; what was not must be freed here.
      if (owned) (image as ImageBitmap).close();
    }
  }

  #listen(thread: Thread): void {
    this.#facts = thread.facts;
    thread.onMessage = (message) => this.#hear(message);
    thread.onDeath = (error) => this.#restart(error);
  }

  #hear(message: FromWorker): void {
    if (message.type === 'changed') this.#facts = message.facts;
    if (message.type !== 'answer' && message.type !== 'failed') return;
    this.#answered = true;
    if (message.type === 'answer') this.#waiting.get(message.id)?.resolve(message.answer);
    else this.#waiting.get(message.id)?.reject(deserialiseError(message.error));
  }

  /** Starts another worker in the place of one that died, and tells every call that waited for it. */
  #restart(error: WorkerDied): void {
    const next = this.#answered ? Thread.start(this.#options) : Promise.reject(error);
    this.#answered = false;
    this.#thread = next.then(
      (thread) => {
        this.#listen(thread);
        return thread;
      },
      (cause) => {
        throw cause instanceof FaceNetError ? cause : stoppedAgain(cause);
      },
    );
    // Whoever asks will be told.
    this.#thread.catch(() => {});
    for (const { reject } of this.#waiting.values()) reject(error);
  }
}

function stoppedAgain(cause: Error): FaceNetError {
  return new FaceNetError(
    'backend-unavailable',
    `The worker stopped and could not be started again (${cause.message}): dispose of this FaceNet and load another.`,
    { cause },
  );
}

function isUnsendable(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'DataCloneError';
}
