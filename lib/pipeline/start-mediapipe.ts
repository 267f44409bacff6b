import { FaceNetError } from '../core/errors.ts';
import type { Detector } from '../detection/detector.ts';
import type { ModelFile } from '../models/manifest.ts';
import { EngineAbsentError } from '../runtime/backends/engine-absent-error.ts';
import { webglRenderer } from '../runtime/backends/webgl-renderer.ts';
import type { ChosenModels } from './chosen-models.ts';
import type { Engines } from './engines.ts';
import type { ModelSource } from './start-networks.ts';

/**
 * Starts a detector that runs in MediaPipe.
 *
 * @returns undefined for other detectors, and if the fallback must replace it.
 * @throws {EngineAbsentError} if `engines` is undefined.
 * @throws {FaceNetError} `backend-unavailable` if MediaPipe does not run the model and there is no fallback.
 */
export async function startMediaPipe(
  { detection, graphDetection }: ChosenModels,
  { store, read }: ModelSource,
  engines: Engines | undefined,
  signal: AbortSignal | undefined,
): Promise<Detector | undefined> {
  if (detection?.engine !== 'mediapipe') return undefined;
  if (!engines) throw new EngineAbsentError('this script has no MediaPipe');
  if (graphDetection && webglRenderer() === undefined) return undefined;
  const files = [detection.files[0] as ModelFile, store.engine('mediapipe-vision')] as const;
  const [model, wasm] = await Promise.all([read(files[0]), read(files[1])]);
  try {
    return await engines.mediaPipeDetector(detection, model, wasm);
  } catch (cause) {
    signal?.throwIfAborted();
    if (graphDetection) return undefined;
    throw new FaceNetError(
      'backend-unavailable',
      `MediaPipe does not run "${detection.name}": it needs WebGL and a model that it knows. Use another detector.`,
      { cause },
    );
  }
}
