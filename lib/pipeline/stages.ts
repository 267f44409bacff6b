import type { BackendChoice, Calibration } from '../core/types.ts';
import type { Detector, PictureDetector } from '../detection/detector.ts';
import type { Embedder } from '../embedding/embedder.ts';
import type { Resampler } from '../image/pixel-source.ts';
import type { Landmarker } from '../landmarks/landmarker.ts';
import type { PhotoSearch } from '../models/manifest.ts';
import type { GraphicsContext } from '../runtime/context-loss.ts';
import type { Network } from '../runtime/network.ts';
import type { PipelineFacts } from './pipeline.ts';

/** The loaded stages of a pipeline and their backend. */
export interface Stages {
  detector: Detector | PictureDetector;
  /** The detector that runs again on a crop of each detection: another one, the same, or none. */
  refiner: Detector | undefined;
  landmarker: Landmarker;
  embedder: Embedder;
  /** The networks of all stages that run on the backend. */
  networks: readonly Network[];
  /** What distances mean. A user's own embedder may have no calibration yet. */
  calibration: Calibration | undefined;
  /** How photos are searched, if the preset says so. */
  search: PhotoSearch | undefined;
  /** The SHA-256 of each file of the embedder's networks. */
  embedderFiles: readonly string[];
  /** The SHA-256 of each file of the detector's and the landmarker's networks. */
  detectionFiles: readonly string[];
  backend: BackendChoice;
  /** The graphics contexts that the networks run on, which the browser can take away. */
  graphics: GraphicsContext[];
  /** Resamples pictures faster than plain JavaScript, if the runtime can. */
  resampler: Resampler | undefined;
  /** Writes fetched files to the browser's cache. Returns whether all of them are stored. */
  persist: () => Promise<boolean>;
}

/** What {@link Pipeline.facts} reports of loaded stages. */
export function factsOf({ detector, landmarker, embedder, ...stages }: Stages): PipelineFacts {
  const { name, dimension, metric, crop } = embedder;
  const { calibration, search, embedderFiles, detectionFiles, backend } = stages;
  return {
    backend,
    models: { detector: detector.name, landmarker: landmarker.name, embedder: name },
    dimension,
    metric,
    calibration,
    follows: landmarker.presenceScorer !== undefined,
    crop,
    search,
    embedderFiles,
    detectionFiles,
  };
}

/** Frees the networks of every stage, even if one of them throws. @throws the first error. */
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
