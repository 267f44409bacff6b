import { lazyImport } from '../core/lazy-import.ts';
import type { BackendChoice } from '../core/types.ts';
import type { Detector, PictureDetector } from '../detection/detector.ts';
import { type Embedder, networkEmbedder } from '../embedding/embedder.ts';
import { fusedEmbedder } from '../embedding/fusion.ts';
import { detectorLandmarker } from '../landmarks/detector-landmarker.ts';
import { type Landmarker, networkLandmarker } from '../landmarks/landmarker.ts';
import type { DetectionDescriptor, ModelFile } from '../models/manifest.ts';
import { threadCount } from '../runtime/kernels/threads/thread-count.ts';
import type { ThreadPool } from '../runtime/kernels/threads/thread-pool.ts';
import { kernelsWasmFile } from '../runtime/kernels/wasm/wasm-file.ts';
import type { NetworkLoader } from '../runtime/network-loader.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type ChosenModels, chooseModels, detectionModels, graphModels } from './chosen-models.ts';
import type { Engines } from './engines.ts';
import { loadClassical } from './load-classical.ts';
import { loadDetector, loadViewDetector } from './load-detector.ts';
import type { LoadOptions } from './options.ts';
import type { Stages } from './stages.ts';
import { startMediaPipe } from './start-mediapipe.ts';
import { loadFromModels, type ModelSource, startNetworks } from './start-networks.ts';

/** Starts further threads, `size` in all with the calling one; undefined if they do not start. */
export type StartThreads = (size: number) => Promise<ThreadPool | undefined>;

/** What this script can start besides the kernels. */
export interface Starters {
  /** Starts further threads for the networks. Absent where threads are not available. */
  threads?: StartThreads;
  /** Starts the engines besides the kernels. Absent in scripts that run the kernels only. */
  engines?: Engines;
}

/**
 * Reads the weights, finds a backend that runs the networks correctly, and assembles the stages. When anything fails or the signal
 * aborts, everything that was started is freed.
 *
 * @param lost backends whose graphics context was lost, each with the reason. They are not tried again.
 * @throws {EngineAbsentError} when a network or backend needs an engine and `starters` has none.
 * @throws {FaceNetError} as `FaceNet.load` does; `signal.reason` when aborted.
 */
export async function loadStages(
  options: LoadOptions,
  starters: Starters,
  lost?: BackendChoice['rejected'],
): Promise<Stages> {
  return loadFromModels(options, (source) => loadFrom(source, options, starters, lost));
}

async function loadFrom(
  source: ModelSource,
  options: LoadOptions,
  starters: Starters,
  lost: BackendChoice['rejected'] | undefined,
): Promise<Stages> {
  const models = await chooseModels(source.store, options);
  let mediaPipe: Promise<Detector | undefined> | undefined;
  const startOptions = {
    ...options,
    lost,
    threads: furtherThreads(options, starters.threads),
    tensorFlow: starters.engines?.startTensorFlow,
    startOther() {
      mediaPipe = startMediaPipe(models, source, starters.engines, options.signal);
      return mediaPipe;
    },
  };
  try {
    const { choice, prepared } = await startNetworks(
      source,
      graphModels(models),
      startOptions,
      async (loader, runtime) => {
        const classical = await loadClassical(models, source.read);
        return loadNetworks(loader, runtime, models, options.jitters, {
          ...classical,
          detector: classical.detector ?? models.classical ?? (await mediaPipe),
        });
      },
    );
    const { runtime, ...stages } = prepared;
    return {
      ...stages,
      calibration: models.calibration,
      search: models.preset.search,
      embedderFiles: digestsOf(models.embedding),
      detectionFiles: digestsOf(detectionModels(models)),
      resampler: runtime.resampler,
      persist: () => source.store.persist(),
      backend: { ...choice, reason: `${choice.reason}: ${runtime.description}` },
    };
  } catch (error) {
    (await mediaPipe?.catch(() => undefined))?.dispose();
    // A retry reuses the files that were verified. A worker that reports a failed load is terminated at once, so write them now.
    await source.store.persist();
    throw error;
  }
}

/** The SHA-256 of each file of some models. */
function digestsOf(models: readonly { files: readonly ModelFile[] }[]): string[] {
  return models.flatMap(({ files }) => files.map(({ sha256 }) => sha256));
}

/** The threads of the WebAssembly kernels. Undefined unless the options, the page and the browser allow more than one. */
function furtherThreads({ threads }: LoadOptions, start: StartThreads | undefined) {
  if (!start || !kernelsWasmFile(true)) return undefined;
  const count = threadCount(threads);
  return count > 1 ? { count, start: () => start(count) } : undefined;
}

/** Loads all networks of the stages onto a runtime. @param stages those that need no runtime. */
async function loadNetworks(
  loader: NetworkLoader,
  runtime: Runtime,
  models: ChosenModels,
  jitters: number | undefined,
  { detector, landmarker }: { detector: Detector | PictureDetector | undefined; landmarker: Landmarker | undefined },
) {
  const { graphDetection, refinement } = models;
  const first = detector ?? (await loadDetector(loader, graphDetection as DetectionDescriptor, models));
  const refiner = refinement === graphDetection && 'find' in first ? first : undefined;
  return {
    runtime,
    detector: first,
    refiner: refinement && (refiner ?? (await loadViewDetector(loader, refinement))),
    landmarker: landmarker ?? (await loadLandmarker(loader, models, first)),
    embedder: await loadEmbedder(loader, models, jitters),
    networks: loader.networks,
    graphics: [runtime.graphics, first.graphics].filter((graphics) => graphics !== undefined),
  };
}

async function loadLandmarker(
  loader: NetworkLoader,
  { preset, landmarks }: ChosenModels,
  detector: Detector | PictureDetector,
): Promise<Landmarker> {
  if (!landmarks) return detectorLandmarker(detector as PictureDetector);
  return networkLandmarker(await loader.load(landmarks), landmarks, preset.landmarkPasses);
}

async function loadEmbedder(
  loader: NetworkLoader,
  { preset, embedding, fusion, calibration }: ChosenModels,
  jitters = 1,
): Promise<Embedder> {
  const reference = calibration?.quality;
  const views =
    jitters > 1 ? (await lazyImport(() => import('../embedding/jitter-views.ts'))).jitterViews(jitters) : undefined;
  const embedders: Embedder[] = [];
  for (const model of embedding) {
    embedders.push(networkEmbedder(await loader.load(model), model, model.crops ?? preset, reference, views));
  }
  return fusion ? fusedEmbedder(embedders, fusion, reference) : (embedders[0] as Embedder);
}
