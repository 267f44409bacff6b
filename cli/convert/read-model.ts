import { FaceNetError } from '../../lib/core/errors.ts';
import type { Architecture } from '../../lib/training/networks/description.ts';
import { damaged, unsupportedFile } from './errors.ts';
import { type GraphModel, nodeName, nodesOf } from './graph/graph-model.ts';
import type { ModelFile, ModelReader } from './readers/reader.ts';
import { readers } from './readers/readers.ts';
import { refuseUnsupportedKind } from './readers/unsupported-kinds.ts';

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
 * @param given the contents.
 * @param architecture the network that weights without a network belong to.
 * @param options the size of images, for a network that takes any size; how to read files beside the model.
 * @throws {FaceNetError} `option-invalid` for another size than the file states; `model-file-damaged`, or `model-file-unsupported` when the file cannot be converted or has several inputs.
 */
export async function readModel(
  path: string,
  given: Uint8Array,
  architecture: Architecture | undefined,
  options: Pick<ModelFile, 'inputSize' | 'replacesSize' | 'defaultSize' | 'readBeside'> = {},
): Promise<ReadModel> {
  // A Buffer of Node is a Uint8Array whose slice() shares its memory.
  const bytes = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  const known = readers.slice(0, -1).find(({ recognises }) => recognises(bytes));
  if (!known) refuseUnsupportedKind(path, bytes);
  // The last reader recognises every file.
  const reader = known ?? (readers.at(-1) as ModelReader);
  try {
    const model = await reader.read({ path, bytes, architecture, ...options });
    return { ...model, format: reader.format, input: inputOf(path, model), outputs: outputsOf(model) };
  } catch (cause) {
    throw typedError(path, cause);
  }
}

/** The only input. @throws {FaceNetError} `model-file-unsupported` for another number of inputs. */
function inputOf(path: string, model: GraphModel): ReadModel['input'] {
  const inputs = nodesOf(model).filter(({ op }) => op === 'Placeholder');
  const [input] = inputs;
  if (!input || inputs.length > 1)
    throw unsupportedFile(`${path} has ${inputs.length} inputs: use a network with one.`);
  const { shape } = (input.attr.shape ?? { shape: { dim: [] } }) as { shape: { dim?: { size: string }[] } };
  return { name: input.name, shape: (shape.dim ?? []).map(({ size }) => Number(size)) };
}

/** The error of a reader with a code. Impossible numbers in damaged files cause the errors of JavaScript itself. */
function typedError(path: string, cause: unknown): unknown {
  if (cause instanceof FaceNetError || !(cause instanceof Error)) return cause;
  const isDamage = cause instanceof TypeError || cause instanceof RangeError || cause instanceof SyntaxError;
  return isDamage
    ? damaged(`${path} is damaged (${cause.message})`, { cause })
    : unsupportedFile(cause.message, { cause });
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
