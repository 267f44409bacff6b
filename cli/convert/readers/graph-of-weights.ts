import { FaceNetError } from '../../../lib/core/errors.ts';
import { graphOfArchitecture } from '../architectures/graph-of-architecture.ts';
import { matchWeights } from '../architectures/match-weights.ts';
import type { WeightFile } from '../architectures/weight-file.ts';
import type { GraphModel } from '../graph/graph-model.ts';
import type { ModelFile } from './reader.ts';

/**
 * Converts a file of weights without a network.
 *
 * @param readWeights reads the file.
 * @throws {Error} with the file's path when it cannot be read, its weights do not match, or no architecture is given.
 */
export function graphOfWeights(
  { path, bytes, architecture }: ModelFile,
  readWeights: (bytes: Uint8Array) => WeightFile,
): GraphModel {
  try {
    const weights = readWeights(bytes);
    if (!architecture) {
      throw new Error(
        'it holds weights only, and the preset has no architecture for them: convert it to .tflite first',
      );
    }
    return graphOfArchitecture(architecture, matchWeights(architecture, weights));
  } catch (error) {
    const message = `${path} cannot be converted: ${error instanceof Error ? error.message : error}`;
    throw error instanceof FaceNetError
      ? new FaceNetError(error.code, message, { cause: error })
      : new Error(message, { cause: error });
  }
}
