import type { Architecture } from '../../lib/training/networks/description.ts';
import { type GraphModel, nodeName, nodesOf } from './graph/graph-model.ts';
import type { ModelFile, ModelReader } from './readers/reader.ts';
import { readers } from './readers/readers.ts';

/** A model file, converted to a graph model. */
export interface ReadModel extends GraphModel {
  /** The format of the file. */
  format: string;
  input: { name: string; shape: number[] };
  /** The nodes of the outputs. */
  outputs: string[];
}

/**
 * Converts a model file of any supported format to a graph model.
 *
 * @param path the path, for messages and for files beside it.
 * @param bytes the contents.
 * @param architecture the network that weights without a network belong to.
 * @param sizes of the images, for a network that takes any size.
 * @throws {Error} when the file cannot be converted, or has several inputs.
 */
export async function readModel(
  path: string,
  bytes: Uint8Array,
  architecture: Architecture | undefined,
  sizes: Pick<ModelFile, 'inputSize' | 'defaultSize'> = {},
): Promise<ReadModel> {
  // The last reader recognises every file.
  const reader = readers.find(({ recognises }) => recognises(bytes)) as ModelReader;
  const model = await reader.read({ path, bytes, architecture, ...sizes });
  const inputs = nodesOf(model).filter(({ op }) => op === 'Placeholder');
  const [input] = inputs;
  if (!input || inputs.length > 1) throw new Error(`${path} has ${inputs.length} inputs: use a network with one.`);
  const { shape } = (input.attr.shape ?? { shape: { dim: [] } }) as { shape: { dim?: { size: string }[] } };
  return {
    ...model,
    format: reader.format,
    input: { name: input.name, shape: (shape.dim ?? []).map(({ size }) => Number(size)) },
    outputs: outputsOf(model),
  };
}

/** The outputs that the signature names; without one, the nodes that no other node reads. */
function outputsOf(model: GraphModel): string[] {
  const signature = model.json.signature as { outputs?: Record<string, { name: string }> } | undefined;
  if (signature?.outputs) return Object.values(signature.outputs).map(({ name }) => nodeName(name));
  const nodes = nodesOf(model);
  const used = new Set(nodes.flatMap((node) => (node.input ?? []).map(nodeName)));
  const isEnd = ({ name, op }: (typeof nodes)[number]) => op !== 'Const' && op !== 'Placeholder' && !used.has(name);
  return nodes.filter(isEnd).map(({ name }) => name);
}
