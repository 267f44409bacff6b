import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { pathBelow } from '../../../lib/models/manifest-path.ts';
import type { GraphModel, WeightEntry } from '../graph/graph-model.ts';
import { storedWeights } from '../graph/stored-weights.ts';
import type { ModelFile } from './reader.ts';

/** Whether a file begins like a JSON object. */
export function isJson(bytes: Uint8Array): boolean {
  return /^\s*\{/.test(Buffer.from(bytes.subarray(0, 64)).toString('latin1'));
}

/**
 * Reads a TensorFlow.js graph model: `model.json`, and the weight files beside it, which are joined into one.
 *
 * @throws {Error} for a layers model, other JSON, weight files outside the folder of `model.json`, or files whose length
 *   is not that of the weights.
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
  const weights = Buffer.concat(paths.map((file) => readFileSync(weightFile(path, file))));
  const { format, signature, modelTopology } = json;
  const weightsManifest = [{ paths: ['weights.bin'], weights: groups.flatMap((group) => group.weights) }];
  const model = { json: { format, ...(signature && { signature }), modelTopology, weightsManifest }, weights };
  // Checks the length of the files.
  storedWeights(model);
  return model;
}

/** The path of a weight file. @throws {Error} for a file, or the target of a link, outside the folder of the model. */
function weightFile(model: string, file: unknown): string {
  const folder = realpathSync(dirname(model));
  const path = typeof file === 'string' && pathBelow.test(file) ? realpathSync(join(folder, file)) : '';
  if (path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return path;
  throw new Error(`${model} names the weight file ${JSON.stringify(file)}: its files must lie beside model.json.`);
}
