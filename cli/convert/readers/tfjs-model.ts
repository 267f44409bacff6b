import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { GraphModel, WeightEntry } from '../graph/graph-model.ts';
import type { ModelFile } from './reader.ts';

/** Whether a file begins like a JSON object. */
export function isJson(bytes: Uint8Array): boolean {
  return /^\s*\{/.test(Buffer.from(bytes.subarray(0, 64)).toString('latin1'));
}

/**
 * Reads a TensorFlow.js graph model: `model.json`, and the weight files beside it, which are joined into one.
 *
 * @throws {Error} for a layers model, or other JSON.
 */
export async function readTfjsModel({ path, bytes }: ModelFile): Promise<GraphModel> {
  const json = JSON.parse(Buffer.from(bytes).toString());
  if (!Array.isArray(json.modelTopology?.node)) {
    throw new Error(
      `${path} is not a TensorFlow.js graph model: convert it with tensorflowjs_converter --output_format tfjs_graph_model.`,
    );
  }
  const groups = json.weightsManifest as { paths: string[]; weights: WeightEntry[] }[];
  const paths = groups.flatMap((group) => group.paths);
  const weights = Buffer.concat(paths.map((file) => readFileSync(join(dirname(path), file))));
  const { format, signature, modelTopology } = json;
  const weightsManifest = [{ paths: ['weights.bin'], weights: groups.flatMap((group) => group.weights) }];
  return { json: { format, ...(signature && { signature }), modelTopology, weightsManifest }, weights };
}
