import { abortable } from '../core/cancellation.ts';
import { lazyImport } from '../core/lazy-import.ts';
import { modelFolders } from '../models/folders.ts';
import type { Progress } from '../models/progress.ts';
import { WorkerUnavailable } from '../workers/supervised-worker.ts';
import { checkLoadOptions, type LoadOptions } from './options.ts';
import type { Pipeline } from './pipeline.ts';
import { WorkerPipeline } from './worker-pipeline.ts';

/** Where the networks run, and why there. */
export interface Execution {
  /** Whether the networks run in a worker or on the page. */
  name: 'worker' | 'page';
  /** The reason, for people. */
  reason: string;
}

/** A loaded pipeline and where it runs. */
interface LoadedPipeline {
  pipeline: Pipeline;
  execution: Execution;
}

/** A share in a loaded pipeline. */
export interface Lease extends LoadedPipeline {
  /** Returns the share. The pipeline is disposed of with the last one. */
  release(): Promise<void>;
}

/** The loads in use or in progress, by their options. */
const loads = new Map<string, SharedLoad>();

/**
 * Returns a share in a pipeline with these options. Callers on one page with equal options share one load.
 *
 * @throws {FaceNetError} as `FaceNet.load` does; `signal.reason` when aborted.
 */
export async function leasePipeline(options: LoadOptions): Promise<Lease> {
  checkLoadOptions(options);
  options.signal?.throwIfAborted();
  const { onProgress: _, signal: __, ...given } = options;
  const shared = { ...given, models: modelFolders(options.models) };
  const key = JSON.stringify(Object.entries(shared).sort(), (_, value) =>
    typeof value === 'function' ? functionId(value) : value,
  );
  const known = loads.get(key);
  // A caller may still hold a pipeline that is lost: the next one gets another.
  const load = known && !known.lost ? known : new SharedLoad(shared, () => forget(key, load));
  loads.set(key, load);
  return load.join(options);
}

/** Forgets a load without users, unless another one has taken its place. */
function forget(key: string, load: SharedLoad): void {
  if (loads.get(key) === load) loads.delete(key);
}

const functionIds = new WeakMap<object, number>();
let lastFunctionId = 0;

/** A number that identifies a function. JSON has no functions. */
function functionId(value: object): number {
  const id = functionIds.get(value) ?? ++lastFunctionId;
  functionIds.set(value, id);
  return id;
}

/** One load, shared by all callers that wait for it or use its pipeline. It is aborted when the last of them leaves. */
class SharedLoad {
  readonly #loaded: Promise<LoadedPipeline>;
  readonly #onEmpty: () => void;
  readonly #abandoned = new AbortController();
  readonly #listeners = new Set<(progress: Progress) => void>();
  #progress: Progress | undefined;
  #users = 0;
  #pipeline: Pipeline | undefined;

  constructor(options: LoadOptions, onEmpty: () => void) {
    this.#onEmpty = onEmpty;
    const onProgress = (progress: Progress) => {
      this.#progress = progress;
      for (const listener of this.#listeners) listener(progress);
    };
    this.#loaded = loadPipeline({ ...options, onProgress, signal: this.#abandoned.signal });
    this.#loaded.then(
      ({ pipeline }) => {
        this.#pipeline = pipeline;
      },
      () => {},
    );
  }

  /** Whether its pipeline is lost, so that no other load may join. */
  get lost(): boolean {
    return this.#pipeline?.lost === true;
  }

  async join({ onProgress, signal }: LoadOptions): Promise<Lease> {
    this.#users++;
    let listener: ((progress: Progress) => void) | undefined;
    // An error in one caller's onProgress rejects that caller's load only.
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
      const loaded = await abortable(Promise.race([this.#loaded, failed]), signal);
      return { ...loaded, release: () => this.#leave() };
    } catch (error) {
      // The caller need not wait until the aborted load has been cleaned up.
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
    this.#abandoned.abort();
    const loaded = await this.#loaded.catch(() => undefined);
    await loaded?.pipeline.dispose();
  }
}

/** Loads a pipeline in a worker; on the page if `worker` is false or no worker starts. */
async function loadPipeline(options: LoadOptions): Promise<LoadedPipeline> {
  if (options.worker === false) return loadHere(options, 'worker is false');
  try {
    const pipeline = await WorkerPipeline.load(options);
    return { pipeline, execution: { name: 'worker', reason: 'a page should not wait for networks' } };
  } catch (error) {
    if (!(error instanceof WorkerUnavailable)) throw error;
    return loadHere(options, error.message);
  }
}

async function loadHere(options: LoadOptions, reason: string): Promise<LoadedPipeline> {
  // A page whose networks run in a worker never fetches this chunk.
  const { loadOnPage } = await lazyImport(() => import('./page-pipeline.ts'));
  return { pipeline: await loadOnPage(options), execution: { name: 'page', reason } };
}
