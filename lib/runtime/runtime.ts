import type { Pixels } from '../core/types.ts';
import type { Resampler } from '../image/pixel-source.ts';
import type { ModelDescriptor } from '../models/manifest.ts';
import type { Graphics } from './graphics.ts';

/** A model's files, read and verified. */
export interface ModelFiles {
  json: Uint8Array<ArrayBuffer>;
  weights: Uint8Array<ArrayBuffer>;
}

/** A graph model that is ready to run on something. */
export interface GraphRunner {
  /** The most pictures that it takes at once. */
  readonly largestBatch: number;
  /** The outputs for a batch of pictures, each for all of them, in the order in which the descriptor lists them. */
  run(pictures: readonly Pixels[]): Promise<Float32Array[]>;
  dispose(): void;
}

/** What runs graph models: our own kernels, or a backend of TensorFlow.js. */
export interface Runtime {
  /** What it is, for people. */
  readonly description: string;
  /** The graphics that it runs on, where it does. */
  readonly graphics?: Graphics | undefined;
  /** What it resamples pictures with, where it has something quicker than JavaScript. */
  readonly resampler?: Resampler;
  start(descriptor: ModelDescriptor, files: ModelFiles): Promise<GraphRunner>;
}
