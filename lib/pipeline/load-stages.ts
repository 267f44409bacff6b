import { FaceNetError } from '../core/errors.ts';
import type { BackendChoice } from '../core/types.ts';
import type { Detector } from '../detection/detector.ts';
import { mediaPipeDetector } from '../detection/networks/mediapipe.ts';
import { networkDetector } from '../detection/networks/network-detector.ts';
import { networkEmbedder } from '../embedding/embedder.ts';
import { networkLandmarker } from '../landmarks/landmarker.ts';
import type { DetectionDescriptor, ModelFile } from '../models/manifest.ts';
import { ProgressMeter } from '../models/progress.ts';
import { ModelStore } from '../models/store.ts';
import {
  type Attempt,
  type BackendContext,
  backendCandidates,
  chooseBackend,
  webglRenderer,
} from '../runtime/backends/backend.ts';
import { runtimesOn } from '../runtime/backends/runtimes.ts';
import { kernelsFile } from '../runtime/kernels/kernels.ts';
import { type ThreadPool, threadsHere } from '../runtime/kernels/threads.ts';
import { fileReader, ignored, NetworkStarter, type ReadFile } from '../runtime/network-starter.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type ChosenModels, chooseModels, graphModels } from './chosen-models.ts';
import type { LoadOptions } from './options.ts';
import type { Stages } from './stages.ts';

/** Starts further threads, `size` in all with the calling one; undefined where they do not start. */
export type StartThreads = (size: number) => Promise<ThreadPool | undefined>;

/**
 * Reads the weights, finds a backend that runs the networks correctly, and assembles the stages. When anything fails or the signal
 * aborts, everything that was started is freed.
 *
 * @param startThreads where there may be further threads.
 * @param lost backends that were lost in use, and why: another one is chosen.
 * @throws {FaceNetError} as `FaceNet.load` does; `signal.reason` when aborted.
 */
export async function loadStages(
  options: LoadOptions,
  startThreads?: StartThreads,
  lost?: BackendChoice['rejected'],
): Promise<Stages> {
  const { backend = 'auto', onProgress, signal } = options;
  const store = await ModelStore.open(options.models, signal);
  const models = await chooseModels(store, options);
  const meter = new ProgressMeter(onProgress);
  const read = fileReader(store, meter, signal);
  const size = startThreads && kernelsFile(true) === 'facenet-threads' ? threadsHere(options.threads) : 1;
  const context: BackendContext = {
    readEngine: (name) => read(store.engine(name)),
    signal,
    startThreads: startThreads && size > 1 ? () => startThreads(size) : undefined,
  };
  const { names, rejected } = await backendCandidates(backend, lost);
  // All files download in parallel while the first backend starts, and the progress knows their total from the start.
  for (const model of graphModels(models)) model.files.map(read);
  if (names[0] === 'wasm') read(store.engine(kernelsFile(size > 1) ?? 'tfjs-wasm'));
  const mediaPipe = startMediaPipe(models, context, read);
  const attempts = startFirst(runtimesOn(names, context));
  try {
    const detector = models.classical ?? (await mediaPipe);
    const { choice, prepared } = await chooseBackend(attempts, { asked: backend, rejected }, signal, (runtime) =>
      startNetworks(runtime, models, detector, read, signal),
    );
    meter.finish();
    const { runtime, ...stages } = prepared;
    return {
      ...stages,
      calibration: models.calibration,
      resampler: runtime.resampler,
      persist: () => store.persist(),
      backend: { ...choice, reason: `${choice.reason}: ${runtime.description}` },
    };
  } catch (error) {
    (await mediaPipe.catch(() => undefined))?.dispose();
    // A retry reuses the files that were verified. A worker that reports a failed load is terminated at once, so write them now.
    await store.persist();
    throw error;
  }
}

/** Puts all networks onto a runtime; frees them when one does not run. @param detector one that needs no runtime. */
async function startNetworks(
  runtime: Runtime,
  { preset, graphDetection, closeUp, landmarks, embedding }: ChosenModels,
  detector: Detector | undefined,
  read: ReadFile,
  signal: AbortSignal | undefined,
) {
  const starter = new NetworkStarter(runtime, read, signal);
  const startDetector = async (model: DetectionDescriptor) => networkDetector(await starter.start(model), model);
  try {
    const first = detector ?? (await startDetector(graphDetection as DetectionDescriptor));
    return {
      runtime,
      detector: first,
      closeUp: closeUp && (closeUp === graphDetection && !detector ? first : await startDetector(closeUp)),
      landmarker: networkLandmarker(await starter.start(landmarks), landmarks, preset.landmarkPasses),
      embedder: networkEmbedder(await starter.start(embedding), embedding, preset),
      graphics: [runtime.graphics, first.graphics].filter((graphics) => graphics !== undefined),
    };
  } catch (error) {
    starter.dispose();
    throw error;
  }
}

/** Starts the first attempt at once, before it is its turn. */
function startFirst<T>([first, ...others]: Attempt<T>[]): Attempt<T>[] {
  if (!first) return [];
  const started = ignored(first.start());
  return [{ name: first.name, start: () => started }, ...others];
}

/** Starts a detector that runs in MediaPipe. Undefined for other detectors, and where the fallback must replace it. */
async function startMediaPipe(
  { detection, graphDetection }: ChosenModels,
  { readEngine, signal }: BackendContext,
  read: ReadFile,
): Promise<Detector | undefined> {
  if (detection?.engine !== 'mediapipe') return undefined;
  if (graphDetection && webglRenderer() === undefined) return undefined;
  const [model, wasm] = await Promise.all([read(detection.files[0] as ModelFile), readEngine('mediapipe-vision')]);
  try {
    return await mediaPipeDetector(detection, model, wasm);
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
