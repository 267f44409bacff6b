import { damaged, unsupportedFile } from '../../errors.ts';
import type { GraphModel } from '../../graph/graph-model.ts';
import type { InputSize, RequestedSize } from '../image-size.ts';
import type { ReadBeside } from '../path-beside.ts';
import { converters } from './converters.ts';
import { expandQuantised } from './expand-quantised.ts';
import { type ExternalFiles, readExternalFiles } from './external-data.ts';
import { GraphWriter, nodeNameOf, usualOrder } from './graph-writer.ts';
import { addImageInput } from './image-input.ts';
import { foldKnown } from './known/fold-known.ts';
import { type OnnxFile, type OnnxNode, readOnnxFile } from './onnx-file.ts';
import { type ConversionState, OperatorContext } from './operator-context.ts';
import { tensorValues } from './tensor-values.ts';
import type { Known, Value } from './values.ts';

/** Options of {@link convertOnnx}. */
export interface OnnxOptions extends RequestedSize {
  /** The size of the input image if neither the file nor `inputSize` states it. */
  defaultSize?: InputSize | undefined;
  /** The name of the file, for messages. */
  path?: string;
  /** Reads a file beside the model, for weights that are not in the model itself. */
  readBeside?: ReadBeside | undefined;
}

/** The oldest and the newest operator set whose operators are converted. */
const [minOpset, maxOpset] = [7, 21];

/**
 * The minimum limit on the values of all constants together. The limit is four times the file's size in bytes when that is larger:
 * quantised weights are one byte each, and are counted again when they are expanded and transposed.
 */
const minConstantLimit = 3e7;

/** The maximum number of nodes. The largest face networks have some thousands. */
const maxNodes = 10_000;

/**
 * Converts an .onnx file to a graph model with the same operations and weights. Images become NHWC: weights are rearranged when the
 * file is converted, and tensors only where a reshape depends on the order of their values. What depends on shapes and constants alone
 * is computed.
 *
 * The input is `image` [n, height, width, 3], normalised. A network for grey images gets their luma. The outputs have the names and
 * the shapes of the file, with any batch size.
 *
 * @throws {FaceNetError} `model-file-damaged`, or `model-file-unsupported` with the operator, the name and the position of a node that
 *   cannot be converted.
 */
export async function convertOnnx(bytes: Uint8Array, options: OnnxOptions = {}): Promise<GraphModel> {
  const file = readOnnxFile(bytes);
  checkVersion(file);
  const files = await readExternalFiles(file, options.path ?? 'The .onnx file', options.readBeside);
  const size = [...files.values()].reduce((sum, { length }) => sum + length, bytes.length);
  const state = newState(file, size, files);
  for (const tensor of file.initializers) {
    state.values.set(tensor.name, tensorValues(tensor, state.claim, files));
  }
  return convertGraph(file, state, options);
}

/**
 * Converts a network of known weights that is written with the operators of ONNX.
 *
 * @param weights the weights, by the names that the nodes read.
 * @throws {FaceNetError} as {@link convertOnnx} does.
 */
export function convertNodes(network: Omit<OnnxFile, 'initializers'>, weights: ReadonlyMap<string, Known>): GraphModel {
  const size = [...weights.values()].reduce((sum, { values }) => sum + values.byteLength, 0);
  const state = newState(network, size);
  for (const [name, weight] of weights) state.values.set(name, weight);
  return convertGraph(network, state, {});
}

/** @param size the size of the file or files, in bytes. */
function newState(
  { opset, outputs }: Omit<OnnxFile, 'initializers'>,
  size: number,
  files: ExternalFiles = new Map(),
): ConversionState {
  let budget = Math.max(4 * size, minConstantLimit);
  return {
    writer: new GraphWriter([...outputs.map(({ name }) => nodeNameOf(name)), 'image']),
    opset,
    values: new Map(),
    files,
    claim(count) {
      budget -= count;
      if (!(budget >= 0)) throw damaged('The constants of the .onnx file have an impossible size');
    },
  };
}

function convertGraph(
  file: Omit<OnnxFile, 'initializers'>,
  state: ConversionState,
  sizes: RequestedSize & Pick<OnnxOptions, 'defaultSize'>,
): GraphModel {
  addImageInput(state, file, sizes);
  file.nodes.forEach((node, index) => {
    for (const each of expandQuantised(node)) convertNode(state, each, index);
  });
  return state.writer.build(outputNodes(file, state));
}

function checkVersion({ opset, nodes }: OnnxFile): void {
  if (nodes.length > maxNodes) throw damaged(`The .onnx file has ${nodes.length} nodes`);
  if (opset >= minOpset && opset <= maxOpset) return;
  throw unsupportedFile(
    `The .onnx file uses operator set ${opset}: export it with one from ${minOpset} to ${maxOpset} (opset_version=17 in PyTorch).`,
  );
}

function convertNode(state: ConversionState, node: OnnxNode, index: number): void {
  const context = new OperatorContext(state, node, index);
  const isStandard = node.domain === '' || node.domain === 'ai.onnx';
  const results = foldKnown(context) ?? (isStandard ? lookUp(node.op)?.(context) : undefined);
  if (!results) {
    const op = isStandard ? node.op : `${node.domain}.${node.op}`;
    throw unsupportedFile(
      `The .onnx file has the operator ${op} (node ${index}${node.name ? `, "${node.name}"` : ''}), which cannot be converted.`,
    );
  }
  [results].flat().forEach((value, i) => {
    const name = node.outputs[i];
    if (name) state.values.set(name, value);
  });
}

function lookUp(op: string): (typeof converters)[string] | undefined {
  return Object.hasOwn(converters, op) ? converters[op] : undefined;
}

/** The node of each output that depends on the image, and the name that it gets. */
function outputNodes({ outputs }: Pick<OnnxFile, 'outputs'>, { writer, values }: ConversionState): Map<string, string> {
  const names = new Map<string, string>();
  for (const { name } of outputs) {
    const value: Value | undefined = values.get(name);
    if (!value) throw damaged(`The .onnx file has the output "${name}", which no node computes`);
    if (value.kind === 'known') continue;
    const ascending = usualOrder(value.shape).sort((a, b) => a - b);
    const node = writer.arranged(value, ascending);
    // The input, or a tensor that is also another output, needs a node of its own.
    const own = names.has(node) || node === 'image' ? writer.op(name, 'Identity', [node]) : node;
    names.set(own, nodeNameOf(name));
  }
  if (names.size > 0) return names;
  throw damaged('The .onnx file has no output that depends on its input');
}
