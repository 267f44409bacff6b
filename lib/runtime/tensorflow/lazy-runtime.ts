import { lazyImport } from '../../core/lazy-import.ts';
import type { BackendName } from '../../core/types.ts';
import type { Runtime } from '../runtime.ts';
import type { WasmSource } from './start-backend.ts';

/** Starts a runtime on a backend of TensorFlow.js, whose scripts are fetched on first use. */
export async function startTensorFlow(name: BackendName, source: WasmSource): Promise<Runtime> {
  const { startTensorFlowRuntime } = await lazyImport(() => import('./start-runtime.ts'));
  return startTensorFlowRuntime(name, source);
}
