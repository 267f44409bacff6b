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
import { backendCandidates } from '../runtime/backends/candidates.ts';
import { type BackendOption, chooseBackend } from '../runtime/backends/choose-backend.ts';
import { createRuntimes, type RuntimeContext } from '../runtime/backends/create-runtimes.ts';
import { webglRenderer } from '../runtime/backends/webgl-renderer.ts';
import { threadCount } from '../runtime/kernels/threads/thread-count.ts';
import type { ThreadPool } from '../runtime/kernels/threads/thread-pool.ts';
import { kernelsWasmFile } from '../runtime/kernels/wasm/wasm-file.ts';
import { fileReader, NetworkLoader, type ReadFile, withoutUnhandledRejection } from '../runtime/network-loader.ts';
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
  const size = startThreads && kernelsWasmFile(true) === 'facenet-threads' ? threadCount(options.threads) : 1;
  const context: RuntimeContext = {
    readWasmFile: (name) => read(store.engine(name)),
    threads: startThreads && size > 1 ? { count: size, start: () => startThreads(size) } : undefined,
  };
  const { names, rejected } = await backendCandidates(backend, lost);
  // All files download in parallel while the first backend starts, and the progress knows their total from the start.
  for (const model of graphModels(models)) model.files.map(read);
  if (names[0] === 'wasm') read(store.engine(kernelsWasmFile(size > 1) ?? 'tfjs-wasm'));
  const mediaPipe = startMediaPipe(models, context, read, signal);
  const candidates = startFirst(createRuntimes(names, context));
  try {
    const detector = models.classical ?? (await mediaPipe);
    const { choice, prepared } = await chooseBackend(candidates, { requested: backend, rejected }, signal, (runtime) =>
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
  { preset, graphDetection, refinement, landmarks, embedding }: ChosenModels,
  detector: Detector | undefined,
  read: ReadFile,
  signal: AbortSignal | undefined,
) {
  const loader = new NetworkLoader(runtime, read, signal);
  const startDetector = async (model: DetectionDescriptor) => networkDetector(await loader.load(model), model);
  try {
    const first = detector ?? (await startDetector(graphDetection as DetectionDescriptor));
    return {
      runtime,
      detector: first,
      refiner: refinement && (refinement === graphDetection && !detector ? first : await startDetector(refinement)),
      landmarker: networkLandmarker(await loader.load(landmarks), landmarks, preset.landmarkPasses),
      embedder: networkEmbedder(await loader.load(embedding), embedding, preset),
      graphics: [runtime.graphics, first.graphics].filter((graphics) => graphics !== undefined),
    };
  } catch (error) {
    loader.dispose();
    throw error;
  }
}

/** Starts the first runtime at once, while the files still download. */
function startFirst<T>([first, ...others]: BackendOption<T>[]): BackendOption<T>[] {
  if (!first) return [];
  const started = withoutUnhandledRejection(first.start());
  return [{ ...first, start: () => started }, ...others];
}

/** Starts a detector that runs in MediaPipe. Undefined for other detectors, and where the fallback must replace it. */
async function startMediaPipe(
  { detection, graphDetection }: ChosenModels,
  { readWasmFile }: RuntimeContext,
  read: ReadFile,
  signal: AbortSignal | undefined,
): Promise<Detector | undefined> {
  if (detection?.engine !== 'mediapipe') return undefined;
  if (graphDetection && webglRenderer() === undefined) return undefined;
  const [model, wasm] = await Promise.all([read(detection.files[0] as ModelFile), readWasmFile('mediapipe-vision')]);
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
