import type { BackendChoice } from '../core/types.ts';
import type { ModelDescriptor } from '../models/manifest.ts';
import { ProgressMeter } from '../models/progress.ts';
import { ModelStore } from '../models/store.ts';
import { type BackendContext, backendCandidates, chooseBackend } from '../runtime/backends/backend.ts';
import { runtimesOn } from '../runtime/backends/runtimes.ts';
import { fileReader, NetworkStarter, type ReadFile } from '../runtime/network-starter.ts';
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
  /** The backends that were lost in use and are not tried again. */
  lost?: BackendChoice['rejected'];
  /** Starts further threads for the WebAssembly kernels. Default: one thread. */
  startThreads?: BackendContext['startThreads'];
}

/**
 * Reads the manifests of the models folders.
 *
 * @throws {FaceNetError} `manifest-invalid`, `model-missing`, `insecure-context` or `option-invalid`.
 */
export async function openModels({
  models,
  onProgress,
  signal,
}: Pick<LoadOptions, 'models' | 'onProgress' | 'signal'>): Promise<ModelSource> {
  const store = await ModelStore.open(models, signal);
  const meter = new ProgressMeter(onProgress);
  return { store, meter, read: fileReader(store, meter, signal) };
}

/**
 * Starts networks on the first backend that runs them correctly.
 *
 * @param descriptors the networks. Their files are fetched in parallel while the first backend starts.
 * @param prepare starts the networks on a backend. If it throws, the networks it started are freed and it is called for
 *   the next backend.
 * @returns the backend, and the result of `prepare`.
 * @throws {FaceNetError} `backend-unavailable` with the reason of each backend; whatever reading a file throws.
 */
export async function startNetworks<T>(
  { store, meter, read }: ModelSource,
  descriptors: readonly ModelDescriptor[],
  { backend = 'auto', lost, startThreads, signal }: StartOptions,
  prepare: (starter: NetworkStarter, runtime: Runtime) => Promise<T>,
): Promise<{ choice: BackendChoice; prepared: T }> {
  const context: BackendContext = { readEngine: (name) => read(store.engine(name)), signal, startThreads };
  const { names, rejected } = await backendCandidates(backend, lost);
  for (const { files } of descriptors) files.map(read);
  const asked = { asked: backend, rejected };
  const started = await chooseBackend(runtimesOn(names, context), asked, signal, async (runtime) => {
    const starter = new NetworkStarter(runtime, read, signal);
    try {
      return await prepare(starter, runtime);
    } catch (error) {
      starter.dispose();
      throw error;
    }
  });
  meter.finish();
  return started;
}
