import { checkedOptions } from '../../core/checked-options.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { Abortable, BackendChoice, BackendName } from '../../core/types.ts';
import type { ModelFolderSource } from '../../models/folders.ts';
import { ProgressMeter } from '../../models/progress.ts';
import { ModelStore } from '../../models/store.ts';
import { backendNames, hardwareBackends } from '../../runtime/backends/candidates.ts';
import { chooseBackend } from '../../runtime/backends/choose-backend.ts';
import { startBackend } from '../../runtime/tensorflow/start-backend.ts';
import { loadTensorFlow } from '../../runtime/tensorflow/tensorflow.ts';

/** TensorFlow.js's core with gradients, from {@link startTensorFlow} or from your own `@tensorflow/tfjs` 4.22. */
export type TensorFlowCore = typeof import('@tensorflow/tfjs-core');

/** Options of {@link startTensorFlow}. */
export interface StartOptions extends Abortable {
  /**
   * The backend. `wasm` runs every network but has no gradient of a convolution, so that it can train with the losses but not
   * train a convolutional network. `auto` is the first of WebGPU and WebGL that the machine supports in hardware, or else WASM.
   *
   * @default 'auto'
   */
  backend?: BackendName | 'auto';
  /** The models folder, from which `wasm` loads its WebAssembly: its URL, or a function that reads its files. @default 'models/' */
  models?: ModelFolderSource;
}

/** TensorFlow.js with an active backend. */
export interface StartedTensorFlow {
  /** TensorFlow.js's core. */
  tf: TensorFlowCore;
  /** The active backend. */
  backend: BackendChoice;
}

/**
 * Starts TensorFlow.js in this page or worker and activates a backend. A FaceNet on the page itself (`worker: false`) may activate
 * another backend: while training, use a FaceNet in a worker.
 *
 * @param options the backend, the models folder, and a signal that cancels the call.
 * @throws {FaceNetError} `option-invalid`; `backend-unavailable` with the reason for each backend; for `wasm` any error of loading
 *   its WebAssembly; `signal.reason` when aborted.
 *
 * @example
 * const { tf, backend } = await startTensorFlow();
 * show(backend.name, tf.memory().numTensors);
 */
export async function startTensorFlow(options: StartOptions = {}): Promise<StartedTensorFlow> {
  const { backend = 'auto', models, signal } = checkedOptions(options, { backend: true, models: true });
  if (backend !== 'auto' && !backendNames.includes(backend)) {
    throw new FaceNetError('option-invalid', `backend is "${backend}": use "auto", "${backendNames.join('", "')}".`);
  }
  signal?.throwIfAborted();
  // Recognition loads the core without gradients, to save bytes. They register with the core, so they load after it.
  await loadTensorFlow();
  await import('@tensorflow/tfjs-core/dist/register_all_gradients.js');
  const source = {
    async readWasmFile(name: Parameters<ModelStore['engine']>[0]) {
      const store = await ModelStore.open(models, signal);
      return store.read(store.engine(name), new ProgressMeter(undefined), signal);
    },
  };
  // Training runs on TensorFlow.js, where a graphics card saves the most time.
  const { names: hardware, rejected } = backend === 'auto' ? await hardwareBackends() : { names: [], rejected: [] };
  const names = backend === 'auto' ? [...hardware, 'wasm' as const] : [backend];
  const backends = names.map((name) => ({ name, start: () => startBackend(name, source) }));
  const { choice, prepared } = await chooseBackend(
    backends,
    { requested: backend, rejected },
    signal,
    async (tf) => tf,
  );
  return { tf: prepared, backend: choice };
}
