import { concatenated, latin1 } from '../bytes.ts';
import { unsupportedFile } from '../errors.ts';
import type { GraphModel, WeightEntry } from '../graph/graph-model.ts';
import { storedWeights } from '../graph/stored-weights.ts';
import { requireBeside } from './path-beside.ts';
import type { ModelFile } from './reader.ts';

/** Whether a file begins like a JSON object. */
export function isJson(bytes: Uint8Array): boolean {
  return /^\s*\{/.test(latin1(bytes.subarray(0, 64)));
}

/**
 * Reads a TensorFlow.js graph model: `model.json`, and the weight files beside it, which are joined into one.
 *
 * @throws {Error} for a layers model, a network of MXNet, other JSON, weight files outside the folder of `model.json`, or files whose length
 *   is not that of the weights.
 */
export async function readTfjsModel({ path, bytes, readBeside }: ModelFile): Promise<GraphModel> {
  const json = JSON.parse(new TextDecoder().decode(bytes));
  if (Array.isArray(json.nodes) && Array.isArray(json.arg_nodes)) {
    throw new Error(`${path} is a network of MXNet (symbol.json), which is not read: export it as .onnx.`);
  }
  if (!Array.isArray(json.modelTopology?.node)) {
    throw new Error(
      `${path} is not a TensorFlow.js graph model: convert it with tensorflowjs_converter --output_format tfjs_graph_model.`,
    );
  }
  const groups = json.weightsManifest as { paths: string[]; weights: WeightEntry[] }[];
  const paths = groups.flatMap((group) => group.paths);
  if (!readBeside) throw unsupportedFile(`The weights of ${path} are in the files ${paths.join(', ')}: give them too.`);
  const chunks: Uint8Array[] = [];
  for (const file of paths) {
    requireBeside(path, file);
    chunks.push(await readBeside(file));
  }
  const weights = concatenated(chunks);
  const { format, signature, modelTopology } = json;
  const weightsManifest = [{ paths: ['weights.bin'], weights: groups.flatMap((group) => group.weights) }];
  const model = { json: { format, ...(signature && { signature }), modelTopology, weightsManifest }, weights };
  // Checks the length of the files.
  storedWeights(model);
  return model;
}
