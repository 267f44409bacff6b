import { FaceNetError } from '../core/errors.ts';
import type { BackendChoice, Calibration } from '../core/types.ts';
import { classicalDetector } from '../detection/classical/classical-detector.ts';
import type { Detector } from '../detection/detector.ts';
import { mediaPipeDetector } from '../detection/networks/mediapipe.ts';
import { networkDetector } from '../detection/networks/network-detector.ts';
import { type Embedder, networkEmbedder } from '../embedding/embedder.ts';
import type { Resampler } from '../image/pixel-source.ts';
import { type Landmarker, networkLandmarker } from '../landmarks/landmarker.ts';
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
import type { Graphics } from '../runtime/graphics.ts';
import { kernelsFile } from '../runtime/kernels/kernels.ts';
import { type ThreadPool, threadsHere } from '../runtime/kernels/threads.ts';
import { fileReader, ignored, NetworkStarter, type ReadFile } from '../runtime/network-starter.ts';
import { byName, type LoadOptions } from './options.ts';

/** Everything that a FaceNet runs on. */
export interface Stages {
  detector: Detector;
  /** Runs again on a crop of each detection: another detector, the same one, or none. */
  refiner: Detector | undefined;
  landmarker: Landmarker;
  embedder: Embedder;
  /** What distances mean; an embedder of somebody's own may have none yet. */
  calibration: Calibration | undefined;
  backend: BackendChoice;
  /** What the networks run on, which can be taken away. */
  graphics: Graphics[];
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
  const size = startThreads && kernelsFile(true) === 'facenet-threads' ? threadsHere(options.threads) : 1;
  const context: BackendContext = {
    readEngine: (name) => read(store.engine(name)),
    signal,
    startThreads: startThreads && size > 1 ? () => startThreads(size) : undefined,
  };
  const { names, rejected } = await backendCandidates(backend, lost);
  const refinement = detection?.closeUp === undefined ? undefined : byName('detector', detectors, detection.closeUp);
  const networks = [detection, refinement, landmarks, embedding].filter((model) => model?.engine === 'tfjs');
  // All files are fetched side by side while the first backend starts, and known to the progress from its start.
  for (const model of networks) model?.files.map(read);
  if (names[0] === 'wasm') read(store.engine(kernelsFile(size > 1) ?? 'tfjs-wasm'));
  const mediaPipe = startMediaPipe(detection, graph !== undefined, context, read);
  const [first, ...others] = runtimesOn(names, context);
  const attempts = first ? [begun(first), ...others] : [];
  try {
    const detector = classical ?? (await mediaPipe);
    const { choice, prepared } = await chooseBackend(
      attempts,
      { asked: backend, rejected },
      signal,
      async (runtime) => {
        const starter = new NetworkStarter(runtime, read, signal);
        try {
          const first = detector ?? (await startDetector(starter, graph as DetectionDescriptor));
          return {
            runtime,
            detector: first,
            refiner:
              refinement && (refinement === graph && !detector ? first : await startDetector(starter, refinement)),
            landmarker: networkLandmarker(await starter.start(landmarks), landmarks, preset.landmarkPasses),
            embedder: networkEmbedder(await starter.start(embedding), embedding, preset),
            graphics: [runtime.graphics, first.graphics].filter((graphics) => graphics !== undefined),
          };
        } catch (error) {
          starter.dispose();
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
export function freeStages({ detector, refiner, landmarker, embedder }: Stages): void {
  const errors: unknown[] = [];
  for (const stage of new Set([detector, refiner, landmarker, embedder])) {
    try {
      stage?.dispose();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

/** An attempt that is on its way before it is its turn. */
function begun<T>({ name, start }: Attempt<T>): Attempt<T> {
  const started = ignored(start());
  return { name, start: () => started };
}

/** Starts a detector that runs in MediaPipe; nothing when it is of another engine, or its fallback is to take over. */
async function startMediaPipe(
  detection: DetectionDescriptor | undefined,
  hasFallback: boolean,
  { readEngine, signal }: BackendContext,
  read: ReadFile,
): Promise<Detector | undefined> {
  if (detection?.engine !== 'mediapipe') return undefined;
  if (hasFallback && webglRenderer() === undefined) return undefined;
  const [model, wasm] = await Promise.all([read(detection.files[0] as ModelFile), readEngine('mediapipe-vision')]);
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

async function startDetector(starter: NetworkStarter, descriptor: DetectionDescriptor): Promise<Detector> {
  return networkDetector(await starter.start(descriptor), descriptor);
}
