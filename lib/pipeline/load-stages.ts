import { FaceNetError } from '../core/errors.ts';
import type { BackendChoice, Calibration } from '../core/types.ts';
import { classicalDetector } from '../detection/classical/classical-detector.ts';
import type { Detector } from '../detection/detector.ts';
import { mediaPipeDetector } from '../detection/networks/mediapipe.ts';
import { networkDetector } from '../detection/networks/network-detector.ts';
import { type Embedder, networkEmbedder } from '../embedding/embedder.ts';
import type { Resampler } from '../image/warp.ts';
import { type Landmarker, networkLandmarker } from '../landmarks/landmarker.ts';
import type { DetectionDescriptor, ModelFile } from '../models/manifest.ts';
import { ProgressMeter } from '../models/progress.ts';
import { ModelStore } from '../models/store.ts';
import { backendCandidates } from '../runtime/backends/candidates.ts';
import { type BackendOption, chooseBackend } from '../runtime/backends/choose-backend.ts';
import { createRuntimes, type RuntimeContext } from '../runtime/backends/create-runtimes.ts';
import { webglRenderer } from '../runtime/backends/webgl-renderer.ts';
import type { GraphicsContext } from '../runtime/context-loss.ts';
import { threadCount } from '../runtime/kernels/threads/thread-count.ts';
import type { ThreadPool } from '../runtime/kernels/threads/thread-pool.ts';
import { kernelsWasmFile } from '../runtime/kernels/wasm/wasm-file.ts';
import { fileReader, NetworkLoader, type ReadFile, withoutUnhandledRejection } from '../runtime/network-loader.ts';
import { byName, type LoadOptions } from './options.ts';

/** Everything that a FaceNet runs on. */
export interface Stages {
  detector: Detector;
  /** What looks again at what the detector found: a detector of its own, the same, or none. */
  closeUp: Detector | undefined;
  landmarker: Landmarker;
  embedder: Embedder;
  /** What distances mean; an embedder of somebody's own may have none yet. */
  calibration: Calibration | undefined;
  backend: BackendChoice;
  /** What the networks run on, which can be taken away. */
  graphics: GraphicsContext[];
  /** What resamples pictures; where there is none, plain JavaScript does. */
  resampler: Resampler | undefined;
  /** Keeps in the browser's cache what was fetched for them; whether all of it is kept. */
  persist: () => Promise<boolean>;
}

/** What a worker gives to its pipeline: further threads, as many as there are to be with the first one. */
export type StartThreads = (size: number) => Promise<ThreadPool | undefined>;

/**
 * Reads the weights, finds a backend that runs the networks correctly, and puts the stages together. When anything fails
 * or the signal aborts, what was started is freed again.
 *
 * @param startThreads where there may be further threads.
 * @param lost the backends that were lost in use, and why: others are to take over.
 */
export async function loadStages(
  options: LoadOptions,
  startThreads?: StartThreads,
  lost?: BackendChoice['rejected'],
): Promise<Stages> {
  const { models, backend = 'auto', onProgress, signal } = options;
  const store = await ModelStore.open(models, signal);
  const preset = byName('preset', store.presets(), options.preset);
  const detectorName = options.detector ?? preset.detector;
  const classical = await classicalDetector(detectorName, options.detectorModel);
  const detectors = store.models('detection');
  const detection = classical ? undefined : byName('detector', detectors, detectorName);
  // What finds faces on the backend: the detector itself, or what takes over from one whose own engine does not start.
  const graph =
    detection?.engine === 'mediapipe' ? detectors.find(({ name }) => name === detection.fallback) : detection;
  const landmarks = byName('landmarker', store.models('landmarks'), options.landmarker ?? preset.landmarker);
  const embedding = byName('embedder', store.models('embedding'), options.embedder ?? preset.embedder);
  const calibration = embedding.name === preset.embedder ? preset.calibration : embedding.calibration;

  const meter = new ProgressMeter(onProgress);
  const read = fileReader(store, meter, signal);
  const size = startThreads && kernelsWasmFile(true) === 'facenet-threads' ? threadCount(options.threads) : 1;
  const context: RuntimeContext = {
    readWasmFile: (name) => read(store.engine(name)),
    threads: startThreads && size > 1 ? { count: size, start: () => startThreads(size) } : undefined,
  };
  const { names, rejected } = await backendCandidates(backend, lost);
  const closeUp = detection?.closeUp === undefined ? undefined : byName('detector', detectors, detection.closeUp);
  const networks = [detection, closeUp, landmarks, embedding].filter((model) => model?.engine === 'tfjs');
  // All files are fetched side by side while the first backend starts, and known to the progress from its start.
  for (const model of networks) model?.files.map(read);
  if (names[0] === 'wasm') read(store.engine(kernelsWasmFile(size > 1) ?? 'tfjs-wasm'));
  const mediaPipe = startMediaPipe(detection, graph !== undefined, { ...context, signal }, read);
  const [first, ...others] = createRuntimes(names, context);
  const attempts = first ? [begun(first), ...others] : [];
  try {
    const detector = classical ?? (await mediaPipe);
    const { choice, prepared } = await chooseBackend(
      attempts,
      { requested: backend, rejected },
      signal,
      async (runtime) => {
        const loader = new NetworkLoader(runtime, read, signal);
        try {
          const first = detector ?? (await startDetector(loader, graph as DetectionDescriptor));
          return {
            runtime,
            detector: first,
            closeUp: closeUp && (closeUp === graph && !detector ? first : await startDetector(loader, closeUp)),
            landmarker: networkLandmarker(await loader.load(landmarks), landmarks, preset.landmarkPasses),
            embedder: networkEmbedder(await loader.load(embedding), embedding, preset),
            graphics: [runtime.graphics, first.graphics].filter((graphics) => graphics !== undefined),
          };
        } catch (error) {
          loader.dispose();
          throw error;
        }
      },
    );
    meter.finish();
    const { runtime, ...stages } = prepared;
    return {
      ...stages,
      calibration,
      resampler: runtime.resampler,
      persist: () => store.persist(),
      backend: { ...choice, reason: `${choice.reason}: ${runtime.description}` },
    };
  } catch (error) {
    (await mediaPipe.catch(() => undefined))?.dispose();
    // What was verified serves the next attempt. A worker is ended as soon as it tells of a failure; who aborted does not wait.
    await store.persist();
    throw error;
  }
}

/** Frees the networks and closes MediaPipe: every stage, even if one of them throws. */
export function freeStages({ detector, closeUp, landmarker, embedder }: Stages): void {
  const errors: unknown[] = [];
  for (const stage of new Set([detector, closeUp, landmarker, embedder])) {
    try {
      stage?.dispose();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

/** An attempt that is on its way before it is its turn. */
function begun<T>(option: BackendOption<T>): BackendOption<T> {
  const started = withoutUnhandledRejection(option.start());
  return { ...option, start: () => started };
}

/** Starts a detector that runs in MediaPipe; nothing when it is of another engine, or its fallback is to take over. */
async function startMediaPipe(
  detection: DetectionDescriptor | undefined,
  hasFallback: boolean,
  { readWasmFile, signal }: RuntimeContext & { signal: AbortSignal | undefined },
  read: ReadFile,
): Promise<Detector | undefined> {
  if (detection?.engine !== 'mediapipe') return undefined;
  if (hasFallback && webglRenderer() === undefined) return undefined;
  const [model, wasm] = await Promise.all([read(detection.files[0] as ModelFile), readWasmFile('mediapipe-vision')]);
  try {
    return await mediaPipeDetector(detection, model, wasm);
  } catch (cause) {
    signal?.throwIfAborted();
    if (hasFallback) return undefined;
    throw new FaceNetError(
      'backend-unavailable',
      `MediaPipe does not run "${detection.name}": it needs WebGL and a model that it knows; use a detector of TensorFlow.js.`,
      { cause },
    );
  }
}

async function startDetector(loader: NetworkLoader, descriptor: DetectionDescriptor): Promise<Detector> {
  return networkDetector(await loader.load(descriptor), descriptor);
}
