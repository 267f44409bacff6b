import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { GraphModel, Node } from './graph.ts';
import { convertTflite } from './tflite-graph.ts';

/** A model of somebody's own, in the one form that the library loads. */
export interface ReadModel extends GraphModel {
  input: { name: string; shape: number[] };
  /** The nodes that hold its outputs. */
  outputs: string[];
}

/** @throws {Error} that says what the file is instead. */
export function readModel(file: string): ReadModel {
  const model = file.endsWith('.tflite') ? convertTflite(readFileSync(file)) : readGraphModel(file);
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
    input: { name: input.name, shape: (shape.dim ?? []).map(({ size }) => Number(size)) },
    outputs: outputs.map(({ name }) => nodeName(name)),
  };
}

function readGraphModel(file: string): GraphModel {
  const json = JSON.parse(readFileSync(file, 'utf8'));
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
