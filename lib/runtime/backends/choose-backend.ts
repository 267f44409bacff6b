import { abortable } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { BackendChoice, BackendName, RequestedBackend } from '../../core/types.ts';
import { canCompileWasm } from '../../core/wasm-support.ts';
import { isBackendName } from './candidates.ts';
import { EngineAbsentError } from './engine-absent-error.ts';

/** A way to run networks that is not started yet. A backend may have several; the preferred one comes first. */
export interface BackendOption<Started> {
  name: BackendName;
  /** Number of threads that the networks run on. @default 1 */
  threads?: number;
  start(): Promise<Started>;
}

/**
 * Finds the first option that starts and on which `prepare` succeeds.
 *
 * @param prepare loads and checks the networks; throws when they do not run correctly.
 * @throws {EngineAbsentError} when a backend needs TensorFlow.js and this script has none.
 * @throws {FaceNetError} `backend-unavailable` with every reason; any other error of `prepare`, which would be the same
 *   on every backend: a missing or corrupt file; `signal.reason` when aborted.
 */
export async function chooseBackend<Started, Prepared>(
  options: readonly BackendOption<Started>[],
  { requested, rejected: ruledOut }: { requested: RequestedBackend; rejected: BackendChoice['rejected'] },
  signal: AbortSignal | undefined,
  prepare: (started: Started) => Promise<Prepared>,
): Promise<{ choice: BackendChoice; prepared: Prepared }> {
  const rejected = [...ruledOut];
  for (const { name, threads = 1, start } of options) {
    try {
      // The import of TensorFlow.js cannot be cancelled, and a runtime without networks has nothing to free.
      const prepared = await prepare(await abortable(start(), signal));
      const reason =
        name === requested ? 'it was requested by name' : 'the first that runs the networks correctly on this machine';
      return { choice: { name, reason, rejected, threads }, prepared };
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof EngineAbsentError) throw error;
      if (error instanceof FaceNetError && error.code !== 'backend-unavailable') throw error;
      rejected.push({ name, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  const reasons = rejected.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  throw new FaceNetError(
    'backend-unavailable',
    `No backend runs the networks here (${reasons}). ${await remedyFor(requested)}`,
  );
}

async function remedyFor(requested: RequestedBackend): Promise<string> {
  if (await isWasmForbidden()) return "Add 'wasm-unsafe-eval' to script-src of the Content-Security-Policy.";
  return isBackendName(requested) ? 'Use backend: "auto".' : 'Use a newer browser.';
}

/** Whether the Content-Security-Policy of this page or worker forbids WebAssembly: a valid module does not compile. */
async function isWasmForbidden(): Promise<boolean> {
  return typeof WebAssembly !== 'undefined' && !(await canCompileWasm());
}
