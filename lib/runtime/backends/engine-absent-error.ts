/**
 * A backend or a network needs TensorFlow.js or MediaPipe, and this script has the kernels only. Another script must run
 * the networks.
 */
export class EngineAbsentError extends Error {
  override readonly name = 'EngineAbsentError';
}
