import type { BackendChoice } from '../core/types.ts';
import { ContradictingFileError } from '../models/download.ts';
import type { EngineFileName, ModelDescriptor } from '../models/manifest.ts';
import { ProgressMeter } from '../models/progress.ts';
import { ModelStore } from '../models/store.ts';
import { backendCandidates, isBackendName } from '../runtime/backends/candidates.ts';
import { type BackendOption, chooseBackend } from '../runtime/backends/choose-backend.ts';
import { createRuntimes, type RuntimeContext } from '../runtime/backends/create-runtimes.ts';
import { kernelsWasmFile } from '../runtime/kernels/wasm/wasm-file.ts';
import { fileReader, NetworkLoader, type ReadFile, withoutUnhandledRejection } from '../runtime/network-loader.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { LoadOptions } from './options.ts';

/** The model files of one load. */
export interface ModelSource {
  store: ModelStore;
  meter: ProgressMeter;
  /** Reads each file once and reports the progress. */
  read: ReadFile;
}

/** Options of {@link startNetworks}. */
export interface StartOptions extends Pick<LoadOptions, 'backend' | 'signal'> {
  /** Backends whose graphics context was lost, each with the reason. They are not tried again. */
  lost?: BackendChoice['rejected'] | undefined;
  /** Further threads for the WebAssembly kernels. Default: none. */
  threads?: RuntimeContext['threads'];
  /** Starts TensorFlow.js, which runs what the kernels cannot. Absent in scripts that run the kernels only. */
  tensorFlow?: RuntimeContext['tensorFlow'];
  /**
   * Starts a model that runs on no backend, once all downloads have begun. It must be ready before a backend is chosen; its failure
   * rejects the start.
   */
  startOther?: () => Promise<unknown>;
}

/**
 * Reads the manifests of the models folders, and loads from their files. If a deployment replaces the folder after its manifest was
 * read, aborts the downloads and starts once more with the new manifest.
 *
 * @throws {FaceNetError} `manifest-invalid`, `model-missing`, `insecure-context` or `option-invalid`; whatever `load` throws.
 */
export async function loadFromModels<T>(
  { models, onProgress, signal }: Pick<LoadOptions, 'models' | 'onProgress' | 'signal'>,
  load: (source: ModelSource) => Promise<T>,
): Promise<T> {
  const meter = new ProgressMeter(onProgress);
  const sourceOf = (store: ModelStore, signal: AbortSignal | undefined) => ({
    store,
    meter,
    read: fileReader(store, meter, signal),
  });
  const store = await ModelStore.open(models, signal);
  const firstAttempt = new AbortController();
  const onAbort = () => firstAttempt.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();
  try {
    return await load(sourceOf(store, firstAttempt.signal));
  } catch (error) {
    if (!(error instanceof ContradictingFileError)) throw error;
    // The other downloads of the first attempt would compete with those of the second.
    firstAttempt.abort(error);
    const current = await store.reopened(signal).catch(() => undefined);
    signal?.throwIfAborted();
    if (!current) throw error;
    return await load(sourceOf(current, signal));
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

/**
 * Starts networks on the first backend that runs them correctly.
 *
 * @param models the networks. Their files are fetched in parallel while the first backend starts, so that the progress knows their
 *   total from the start.
 * @param prepare loads the networks on a runtime. If it throws, the networks that it loaded are freed and it is called for the next
 *   backend.
 * @returns the backend, and the result of `prepare`.
 * @throws {FaceNetError} `backend-unavailable` with the reason of each backend; whatever reading a file throws.
 */
export async function startNetworks<T>(
  { store, meter, read }: ModelSource,
  models: readonly ModelDescriptor[],
  { backend = 'auto', lost, threads, tensorFlow, signal, startOther }: StartOptions,
  prepare: (loader: NetworkLoader, runtime: Runtime) => Promise<T>,
): Promise<{ choice: BackendChoice; prepared: T }> {
  const { names, rejected } = backendCandidates(backend, lost);
  for (const { files } of models) files.map(read);
  if (names[0] === 'wasm') read(store.engine(kernelsWasmFile(threads !== undefined) ?? 'tfjs-wasm'));
  const other = startOther && withoutUnhandledRejection(startOther());
  const context = { readWasmFile: (name: EngineFileName) => read(store.engine(name)), threads, tensorFlow };
  const runtimes = startFirst(createRuntimes(names, { ...context, onlyHardware: !isBackendName(backend) }));
  await other;
  const started = await chooseBackend(runtimes, { requested: backend, rejected }, signal, async (runtime) => {
    const loader = new NetworkLoader(runtime, read, signal);
    try {
      return await prepare(loader, runtime);
    } catch (error) {
      loader.dispose();
      throw error;
    }
  });
  meter.finish();
  return started;
}

/** Starts the first runtime immediately, in parallel with the downloads. */
function startFirst<T>([first, ...others]: BackendOption<T>[]): BackendOption<T>[] {
  if (!first) return [];
  const started = withoutUnhandledRejection(first.start());
  return [{ ...first, start: () => started }, ...others];
}
