import { abortable } from '../core/cancellation.ts';
import type { ImageSource } from '../core/types.ts';
import { openPicture } from '../image/picture.ts';
import { ContextLostError, discardLostContexts, runUntilContextLost } from '../runtime/context-loss.ts';
import { handlers } from './handlers.ts';
import { loadStages, type StartThreads } from './load-stages.ts';
import type { LoadOptions } from './options.ts';
import type { Input, Output, Pipeline, PipelineFacts, RequestName } from './pipeline.ts';
import { factsOf, freeStages, type Stages } from './stages.ts';

/** A pipeline that runs in the thread that loaded it. */
export class LocalPipeline implements Pipeline {
  readonly #options: LoadOptions;
  readonly #startThreads: StartThreads | undefined;
  #stages: Stages;
  #facts: PipelineFacts;
  #replacement: Promise<void> | undefined;

  private constructor(options: LoadOptions, startThreads: StartThreads | undefined, stages: Stages) {
    this.#options = options;
    this.#startThreads = startThreads;
    this.#stages = stages;
    this.#facts = factsOf(stages);
  }

  /**
   * Loads the stages in this thread.
   *
   * @param startThreads starts further threads for the networks. Omit it where threads are not available.
   * @throws whatever {@link loadStages} throws.
   */
  static async load(options: LoadOptions, startThreads?: StartThreads): Promise<LocalPipeline> {
    const { onProgress: _, ...reloadOptions } = options;
    return new LocalPipeline(reloadOptions, startThreads, await loadStages(options, startThreads));
  }

  get facts(): PipelineFacts {
    return this.#facts;
  }

  /** Answers a request. If the graphics context is lost meanwhile, reloads the stages on another backend and answers again. */
  async request<Name extends RequestName>(
    name: Name,
    source: ImageSource,
    input: Input<Name>,
    signal?: AbortSignal,
  ): Promise<Output<Name>> {
    const picture = await openPicture(source, signal);
    try {
      for (;;) {
        const stages = this.#stages;
        picture.resampler = stages.resampler;
        try {
          return await runUntilContextLost(stages.graphics, signal, (stop) =>
            handlers[name](picture, stages, input, stop),
          );
        } catch (error) {
          if (!(error instanceof ContextLostError)) throw error;
          await abortable(this.#replace(stages, error), signal);
        }
      }
    } finally {
      picture.close();
    }
  }

  persist(): Promise<boolean> {
    return this.#stages.persist();
  }

  async dispose(): Promise<void> {
    // An aborted request may have left a replacement running.
    await this.#replacement?.catch(() => {});
    await this.persist();
    freeStages(this.#stages);
    await discardLostContexts(this.#stages.graphics);
  }

  /** Reloads the stages on the next backend, once for all requests that found them lost. */
  async #replace(lostStages: Stages, { message }: ContextLostError): Promise<void> {
    if (this.#stages !== lostStages) return;
    this.#replacement ??= this.#reload(lostStages, message).finally(() => {
      this.#replacement = undefined;
    });
    return this.#replacement;
  }

  async #reload(lostStages: Stages, reason: string): Promise<void> {
    const { name, rejected } = lostStages.backend;
    const others = rejected.filter((other) => other.name !== name);
    // The backend's graphics come first. If only MediaPipe lost its own, the backend is not at fault and stays.
    const backendLost = name !== 'wasm' && lostStages.graphics[0]?.lost.aborted;
    await lostStages.persist();
    this.#stages = await loadStages(
      this.#options,
      this.#startThreads,
      backendLost ? [...others, { name, reason }] : [],
    );
    this.#facts = factsOf(this.#stages);
    try {
      freeStages(lostStages);
    } catch {
      // Networks on a lost context may fail to free what is gone already.
    }
    await discardLostContexts(lostStages.graphics);
  }
}
