import { GraphBuilder } from '../../graph/graph-builder.ts';
import type { GraphModel } from '../../graph/graph-model.ts';
import { converters } from './converters.ts';
import { OperatorContext } from './operator-context.ts';
import { TfliteFile } from './tflite-file.ts';

/**
 * Converts a .tflite file to a graph model with the same operations and weights: BlazeFace, or an embedder such as Inception-ResNet
 * v1 or MobileFaceNet.
 *
 * Input: `image` [n, height, width, 3], normalised. Outputs of BlazeFace: `regressors` [n, anchors, 16] and `classificators`
 * [n, anchors, 1]; of an embedder: `embedding`.
 *
 * @throws {Error} for a damaged file, or with the name of an operator, option or type that cannot be converted.
 */
export function convertTflite(bytes: Uint8Array): GraphModel {
  try {
    return convert(new TfliteFile(bytes));
  } catch (cause) {
    // Invalid offsets in a damaged file cause TypeErrors and RangeErrors.
    if (!(cause instanceof TypeError || cause instanceof RangeError)) throw cause;
    throw new Error(`The .tflite file is damaged (${cause.message}): use an undamaged copy.`, { cause });
  }
}

function convert(file: TfliteFile): GraphModel {
  const graph = new GraphBuilder();
  const [input] = file.inputs as [number];
  const nodes = new Map([[input, graph.input('image', [-1, ...file.shape(input).slice(1)])]]);
  for (const operator of file.operators) {
    const converter = converters[operator.name];
    if (!converter) throw new Error(`The .tflite file has the operator ${operator.name}, which cannot be converted.`);
    nodes.set(operator.output, converter(new OperatorContext(file, graph, nodes, operator)));
  }
  return graph.build();
}
