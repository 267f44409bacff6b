import { abortable } from '../core/cancellation.ts';
import { lazyImport } from '../core/lazy-import.ts';
import type { BackendName, ImageSource } from '../core/types.ts';
import { openPicture } from '../image/picture.ts';
import { ContextLostError, discardLostContexts, runUntilContextLost } from '../runtime/context-loss.ts';
import { handlers } from './handlers.ts';
import { IdleCounter } from './idle-counter.ts';
import { loadStages, type Starters } from './load-stages.ts';
import type { LoadOptions } from './options.ts';
import type { Input, Output, Pipeline, PipelineFacts, RequestName } from './pipeline.ts';
import { factsOf, freeStages, type Stages } from './stages.ts';

/** A pipeline that runs in the thread that loaded it. */
export class LocalPipeline implements Pipeline {
  readonly #options: LoadOptions;
  readonly #starters: Starters;
  #stages: Stages;
  #facts: PipelineFacts;
  #replacement: Promise<void> | undefined;
  /** Ends the comparison of backends. */
  readonly #disposed = new AbortController();
  readonly #requests = new IdleCounter();
  /** Resolves when the backends were compared, if that was requested; {@link facts} may have changed then. */
  readonly compared: Promise<void>;

  private constructor(options: LoadOptions, starters: Starters, stages: Stages) {
    this.#options = options;
    this.#starters = starters;
    this.#stages = stages;
    this.#facts = factsOf(stages);
    this.compared = options.backend === 'fastest' ? this.#compareBackends() : Promise.resolve();
  }

  /**
   * Loads the stages in this thread.
   *
   * @throws whatever {@link loadStages} throws.
   */
  static async load(options: LoadOptions, starters: Starters): Promise<LocalPipeline> {
    const { onProgress: _, ...reloadOptions } = options;
    return new LocalPipeline(reloadOptions, starters, await loadStages(options, starters));
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
    const end = this.#requests.begin();
    try {
      return await this.#answer(name, source, input, signal);
    } finally {
      end();
    }
  }

  async #answer<Name extends RequestName>(
    name: Name,
    source: ImageSource,
    input: Input<Name>,
    signal: AbortSignal | undefined,
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
    this.#disposed.abort();
    await this.compared;
    // An aborted request may have left a replacement running.
    await this.#replacement?.catch(() => {});
    await this.persist();
    freeStages(this.#stages);
    await discardLostContexts(this.#stages.graphics);
  }

  /** Replaces the stages by those of a faster backend, if measurement finds one while no request is pending. */
  async #compareBackends(): Promise<void> {
    const { signal } = this.#disposed;
    const before = this.#stages;
    const { onProgress: _, ...options } = this.#options;
    const load = (backend: BackendName) => loadStages({ ...options, backend, signal }, this.#starters);
    const whenIdle = () => this.#requests.idle(signal);
    try {
      const { fastestStages } = await lazyImport(() => import('./measure-backends.ts'));
      const stages = await fastestStages(before, load, whenIdle);
      await whenIdle().catch(() => {});
      const isOther = stages.detector !== before.detector;
      if (signal.aborted || this.#stages !== before) {
        // Disposed, or a lost context has replaced the stages meanwhile: the comparison is void.
        if (isOther) freeStages(stages);
        return;
      }
      this.#stages = stages;
      this.#facts = factsOf(stages);
      if (isOther) freeStages(before);
    } catch {
      // Disposed, or a backend failed in an unexpected way: the kernels go on.
    }
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
    this.#stages = await loadStages(this.#options, this.#starters, backendLost ? [...others, { name, reason }] : []);
    this.#facts = factsOf(this.#stages);
    try {
      freeStages(lostStages);
    } catch {
      // Networks on a lost context may fail to free what is gone already.
    }
    await discardLostContexts(lostStages.graphics);
  }
}
