import { mediaPipeDetector } from '../detection/networks/mediapipe.ts';
import { startTensorFlow } from '../runtime/tensorflow/lazy-runtime.ts';

/**
 * The engines besides the kernels. Their scripts are fetched on first use, unless a bundler makes one file of what
 * imports this one: therefore the worker of the kernels does not.
 */
export const engines = { startTensorFlow, mediaPipeDetector };

/** The engines besides the kernels. */
export type Engines = typeof engines;
