import type { BackendName } from '../../core/types.ts';
import type { Runtime } from '../runtime.ts';
import { startBackend, type WasmSource } from './start-backend.ts';
import { TensorFlowRunner } from './tensorflow-runner.ts';
import { watchBackend } from './watch-backend.ts';

/** Starts a runtime on a backend of TensorFlow.js. */
export async function startTensorFlowRuntime(name: BackendName, source: WasmSource): Promise<Runtime> {
  const tf = await startBackend(name, source);
  const graphics = watchBackend(tf, name);
  // The backend is global to the page: an earlier user may have left one whose context is lost.
  graphics?.check();
  if (graphics?.lost.aborted) {
    await graphics.discard();
    throw graphics.lost.reason;
  }
  return {
    description: `TensorFlow.js’s ${name} backend`,
    graphics,
    start: (descriptor, files) => TensorFlowRunner.start(tf, name, descriptor, files),
  };
}
