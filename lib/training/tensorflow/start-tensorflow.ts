import { checkedOptions } from '../../core/checked-options.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { Abortable, BackendChoice, BackendName } from '../../core/types.ts';
import { ProgressMeter } from '../../models/progress.ts';
import { ModelStore } from '../../models/store.ts';
import { backendCandidates, backendNames } from '../../runtime/backends/candidates.ts';
import { chooseBackend } from '../../runtime/backends/choose-backend.ts';
import { startBackend } from '../../runtime/tensorflow/start-backend.ts';
import { loadTensorFlow } from '../../runtime/tensorflow/tensorflow.ts';

/**
 * TensorFlow.js's core with its gradients, as {@link startTensorFlow} gives it; that of your own `@tensorflow/tfjs` 4.22 does as
 * well.
 */
export type TensorFlowCore = typeof import('@tensorflow/tfjs-core');

/** What {@link startTensorFlow} can be told. */
export interface StartOptions extends Abortable {
  /**
   * What computes. `wasm` runs every network forwards, but has no gradient of a convolution: it trains heads, not networks.
   * Default: `auto`, the first of WebGPU, WebGL and WASM that this machine has hardware for.
   */
  backend?: BackendName | 'auto';
  /** The address of the models folder, from which `wasm` reads its engine. Default: `models/`. */
  models?: string | URL;
}

/** TensorFlow.js, ready. */
export interface StartedTensorFlow {
  tf: TensorFlowCore;
  backend: BackendChoice;
}

/**
 * Starts TensorFlow.js on this page, or in this worker, and makes a backend the active one. A FaceNet that runs on the page
 * (`worker: false`) with another backend would switch it: let it run in its worker while you train.
 *
 * @throws {FaceNetError} `option-invalid`, `backend-unavailable` with every reason, or for `wasm` what reading the engine
 *   throws; `signal.reason` when aborted.
 */
export async function startTensorFlow(options: StartOptions = {}): Promise<StartedTensorFlow> {
  const { backend = 'auto', models, signal } = checkedOptions(options);
  if (backend !== 'auto' && !backendNames.includes(backend)) {
    throw new FaceNetError('option-invalid', `backend is "${backend}": use "auto", "${backendNames.join('", "')}".`);
  }
  signal?.throwIfAborted();
  // Gradients are no part of the core, which recognition loads, and cannot be evaluated before it.
  await loadTensorFlow();
  await import('@tensorflow/tfjs-core/dist/register_all_gradients.js');
  const source = {
    async readWasmFile(name: Parameters<ModelStore['engine']>[0]) {
      const store = await ModelStore.open(models, signal);
      return store.read(store.engine(name), new ProgressMeter(undefined), signal);
    },
  };
  const { names, rejected } = await backendCandidates(backend);
  const backends = names.map((name) => ({ name, start: () => startBackend(name, source) }));
  const { choice, prepared } = await chooseBackend(
    backends,
    { requested: backend, rejected },
    signal,
    async (tf) => tf,
  );
  return { tf: prepared, backend: choice };
}
