import { abortable } from '../core/cancellation.ts';
import { lazyImport } from '../core/lazy-import.ts';
import { folderUrls } from '../models/folders.ts';
import type { Progress } from '../models/progress.ts';
import { WorkerUnavailable } from '../workers/supervised-worker.ts';
import type { Pipeline } from './local-pipeline.ts';
import { checkLoadOptions, type LoadOptions } from './options.ts';
import { WorkerPipeline } from './worker-pipeline.ts';

/** A pipeline that a caller may use until it is given back. */
export interface Lease {
  pipeline: Pipeline;
  execution: Execution;
  /** Gives the pipeline back; with the last one it is freed. */
  release(): Promise<void>;
}

/** Where the networks run, and why there. */
export interface Execution {
  name: 'worker' | 'page';
  reason: string;
}

/** The loads that callers have in use or wait for, by what they were asked for. */
const loads = new Map<string, SharedLoad>();

/** A pipeline as the options ask for it: one load for everybody on the page who asks for the same. */
export async function leasePipeline(options: LoadOptions): Promise<Lease> {
  checkLoadOptions(options);
  options.signal?.throwIfAborted();
  const { onProgress: _, signal: __, ...asked } = options;
  const wanted = { ...asked, models: folderUrls(options.models) };
  const key = JSON.stringify(Object.entries(wanted).sort());
  const load = loads.get(key) ?? new SharedLoad(wanted, () => loads.delete(key));
  loads.set(key, load);
  return load.join(options);
}

/** One load with everybody who waits for it or uses what it gave. It is given up when nobody is left. */
class SharedLoad {
  readonly #placed: Promise<Omit<Lease, 'release'>>;
  readonly #onEmpty: () => void;
  readonly #givenUp = new AbortController();
  readonly #listeners = new Set<(progress: Progress) => void>();
  #progress: Progress | undefined;
  #users = 0;

  constructor(options: LoadOptions, onEmpty: () => void) {
    this.#onEmpty = onEmpty;
    const onProgress = (progress: Progress) => {
      this.#progress = progress;
      for (const listener of this.#listeners) listener(progress);
    };
    this.#placed = place({ ...options, onProgress, signal: this.#givenUp.signal });
  }

  async join({ onProgress, signal }: LoadOptions): Promise<Lease> {
    this.#users++;
    let listener: ((progress: Progress) => void) | undefined;
    // What one caller's function throws is that caller's alone.
    const failed = new Promise<never>((_, reject) => {
      listener = (progress) => {
        try {
          onProgress?.(progress);
        } catch (error) {
          reject(error);
        }
      };
      this.#listeners.add(listener);
      if (this.#progress) listener(this.#progress);
    });
    try {
      const placed = await abortable(Promise.race([this.#placed, failed]), signal);
      return { ...placed, release: () => this.#leave() };
    } catch (error) {
      // The caller need not wait until what it gave up has come to its end.
      this.#leave().catch(() => {});
      throw error;
    } finally {
      if (listener) this.#listeners.delete(listener);
    }
  }

  async #leave(): Promise<void> {
    this.#users--;
    if (this.#users > 0) return;
    this.#onEmpty();
    this.#givenUp.abort();
    const placed = await this.#placed.catch(() => undefined);
    await placed?.pipeline.dispose();
  }
}

/** Loads a pipeline in a worker, or on the page where that is asked for or no worker starts. */
async function place(options: LoadOptions): Promise<Omit<Lease, 'release'>> {
  const onPage = async (reason: string) => {
    // What a worker does, the page need not even fetch.
    const { LocalPipeline } = await lazyImport(() => import('./local-pipeline.ts'));
    const pipeline = await LocalPipeline.load(options);
    return { pipeline, execution: { name: 'page', reason } as const };
  };
  if (options.worker === false) return onPage('it was asked for');
  try {
    const pipeline = await WorkerPipeline.load(options);
    return { pipeline, execution: { name: 'worker', reason: 'a page should not wait for networks' } };
  } catch (error) {
    if (!(error instanceof WorkerUnavailable)) throw error;
    return onPage(error.message);
  }
}
