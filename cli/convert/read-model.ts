import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Architecture } from '../../lib/training/networks/description.ts';
import { graphOf, weightsFor } from './architectures/architecture-graph.ts';
import type { GraphModel, Node } from './graph/graph-builder.ts';
import { convertTflite } from './readers/tflite/convert-tflite.ts';
import type { WeightFile } from './architectures/weight-file.ts';

/** A model of somebody's own, in the one form that the library loads. */
export interface ReadModel extends GraphModel {
  /** What the file was, in words. */
  form: string;
  input: { name: string; shape: number[] };
  /** The nodes that hold its outputs. */
  outputs: string[];
}

/**
 * Reads a file of any of the published forms, which its first bytes tell apart.
 *
 * @param bytes what the file holds.
 * @param architecture the network that a file of bare weights is for.
 * @throws {Error} that says what the file is instead.
 */
export async function readModel(
  file: string,
  bytes: Uint8Array,
  architecture: Architecture | undefined,
): Promise<ReadModel> {
  const [form, model] = await convert(file, bytes, architecture);
  const { node: nodes } = model.json.modelTopology as { node: Node[] };
  const inputs = nodes.filter(({ op }) => op === 'Placeholder');
  const [input] = inputs;
  if (!input || inputs.length > 1) throw new Error(`${file} has ${inputs.length} inputs: an embedder has one.`);
  const { shape } = (input.attr.shape ?? { shape: { dim: [] } }) as { shape: { dim?: { size: string }[] } };
  const signature = model.json.signature as { outputs?: Record<string, { name: string }> } | undefined;
  const used = new Set(nodes.flatMap((node) => (node.input ?? []).map(nodeName)));
  const ends = nodes.filter(({ name, op }) => op !== 'Const' && op !== 'Placeholder' && !used.has(name));
  const outputs = signature?.outputs ? Object.values(signature.outputs) : ends;
  return {
    ...model,
    form,
    input: { name: input.name, shape: (shape.dim ?? []).map(({ size }) => Number(size)) },
    outputs: outputs.map(({ name }) => nodeName(name)),
  };
}

/** Each reader is loaded only for a file that needs it. */
async function convert(
  file: string,
  bytes: Uint8Array,
  architecture: Architecture | undefined,
): Promise<[form: string, model: GraphModel]> {
  const starts = (text: string, at = 0) =>
    Buffer.from(bytes.subarray(at, at + text.length)).toString('latin1') === text;
  if (starts('TFL3', 4)) return ['TensorFlow Lite', convertTflite(bytes)];
  if (starts('\x89HDF\r\n\x1a\n')) {
    const { readKerasWeights } = await import('./readers/keras-weights.ts');
    return ['weights of Keras', bare(file, architecture, () => readKerasWeights(bytes))];
  }
  if (/^\s*\{/.test(Buffer.from(bytes.subarray(0, 64)).toString('latin1'))) {
    return ['TensorFlow.js graph model', readGraphModel(file, bytes)];
  }
  const { readFrozenGraph } = await import('./readers/frozen-graph.ts');
  return ['frozen graph of TensorFlow', bare(file, architecture, () => readFrozenGraph(bytes))];
}

/** A file of bare weights as a network. */
function bare(file: string, architecture: Architecture | undefined, read: () => WeightFile): GraphModel {
  try {
    const weights = read();
    if (!architecture) throw new Error('it holds weights only, and the preset has no architecture for them');
    return graphOf(architecture, weightsFor(architecture, weights));
  } catch (error) {
    throw new Error(`${file} cannot be converted: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

function readGraphModel(file: string, bytes: Uint8Array): GraphModel {
  const json = JSON.parse(Buffer.from(bytes).toString());
  if (!Array.isArray(json.modelTopology?.node)) {
    throw new Error(
      `${file} is no TensorFlow.js graph model: convert it with tensorflowjs_converter to tfjs_graph_model.`,
    );
  }
  const groups = json.weightsManifest as { paths: string[]; weights: unknown[] }[];
  const paths = groups.flatMap((group) => group.paths);
  const weights = Buffer.concat(paths.map((path) => readFileSync(join(dirname(file), path))));
  const { format, signature, modelTopology } = json;
  const weightsManifest = [{ paths: ['weights.bin'], weights: groups.flatMap((group) => group.weights) }];
  return { json: { format, ...(signature && { signature }), modelTopology, weightsManifest }, weights };
}

/** A node's name in a reference to one of its outputs, as `name:0` or `^name`. */
function nodeName(reference: string): string {
  return reference.replace(/^\^/, '').replace(/:\d+$/, '');
}
