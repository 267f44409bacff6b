import type { Resampler } from '../image/pixel-source.ts';
import type { ModelDescriptor } from '../models/manifest.ts';
import type { GraphicsContext } from './context-loss.ts';
import type { NetworkImage } from './preprocess.ts';

/** The verified files of a model. */
export interface ModelFiles {
  json: Uint8Array<ArrayBuffer>;
  weights: Uint8Array<ArrayBuffer>;
}

/** A graph model that is loaded and ready to run. */
export interface GraphRunner {
  /** Maximum number of images in one call of {@link run}. */
  readonly maxBatchSize: number;
  /** Runs a batch. Returns the outputs in the descriptor's order, each for the whole batch. */
  run(images: readonly NetworkImage[]): Promise<Float32Array[]>;
  /** Frees the weights. */
  dispose(): void;
}

/** An implementation of graph models: the kernels of facenet-web, or a backend of TensorFlow.js. */
export interface Runtime {
  /** A description for {@link BackendChoice.reason}. */
  readonly description: string;
  /** The graphics context that it runs on, if any. */
  readonly graphics?: GraphicsContext | undefined;
  /** A resampler that is faster than the one in JavaScript, if it has one. */
  readonly resampler?: Resampler;
  /** Loads a model. */
  start(descriptor: ModelDescriptor, files: ModelFiles): Promise<GraphRunner>;
}
