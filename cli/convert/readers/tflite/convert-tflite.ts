import { damaged, unsupportedFile } from '../../errors.ts';
import { GraphBuilder } from '../../graph/graph-builder.ts';
import type { GraphModel } from '../../graph/graph-model.ts';
import { imageSize, type RequestedSize } from '../image-size.ts';
import { converters } from './converters.ts';
import { OperatorContext } from './operator-context.ts';
import { TfliteFile } from './tflite-file.ts';

/** Options of {@link convertTflite}. */
interface ConversionOptions extends RequestedSize {
  /** The names of the outputs, in the order of the file. Default: `embedding` for the only output, otherwise the names in the file. */
  outputNames?: readonly string[];
}

/**
 * Converts a .tflite file to a graph model with the same operations and weights: BlazeFace, MTCNN, or an embedder such as
 * Inception-ResNet v1 or MobileFaceNet.
 *
 * The input is `image` [n, height, width, 3], normalised.
 *
 * @throws {FaceNetError} `model-file-damaged`; `option-invalid` for another size than the file states;
 *   `model-file-unsupported` with the name of an operator, option or type that cannot be converted.
 */
export function convertTflite(bytes: Uint8Array, options: ConversionOptions = {}): GraphModel {
  try {
    return convert(new TfliteFile(bytes), options);
  } catch (cause) {
    // Invalid offsets in a damaged file cause TypeErrors and RangeErrors.
    if (!(cause instanceof TypeError || cause instanceof RangeError)) throw cause;
    throw damaged(`The .tflite file is damaged (${cause.message})`, { cause });
  }
}

function convert(file: TfliteFile, { outputNames, ...requested }: ConversionOptions): GraphModel {
  const graph = new GraphBuilder();
  const [input] = file.inputs as [number];
  const [, ...shape] = file.dynamicShape(input);
  const size = imageSize({ height: shape[0] ?? -1, width: shape[1] ?? -1 }, requested);
  if (requested.inputSize) shape.splice(0, 2, size.height, size.width);
  const nodes = new Map([[input, graph.input('image', [-1, ...shape])]]);
  const names = outputNodeNames(file, outputNames);
  for (const operator of file.operators) {
    const converter = converters[operator.name];
    if (!converter) {
      throw unsupportedFile(`The .tflite file has the operator ${operator.name}, which cannot be converted.`);
    }
    nodes.set(
      operator.output,
      converter(new OperatorContext(file, graph, nodes, operator, names.get(operator.output))),
    );
  }
  return graph.build();
}

/** The name of each output's node, by tensor. */
function outputNodeNames(file: TfliteFile, given: readonly string[] | undefined): Map<number, string> {
  const outputs = [...file.outputs];
  const names = given ?? (outputs.length === 1 ? ['embedding'] : outputs.map((tensor) => nodeNameIn(file, tensor)));
  const isUsable = (name: string) => !/^(|image|t\d.*)$/.test(name) && names.indexOf(name) === names.lastIndexOf(name);
  return new Map(outputs.flatMap((tensor, i) => (isUsable(names[i] ?? '') ? [[tensor, names[i] as string]] : [])));
}

/** A tensor's name, without the characters that have a meaning in references to nodes: TensorFlow 2 writes names such as `call:1`. */
function nodeNameIn(file: TfliteFile, tensor: number): string {
  return file.tensorName(tensor).replace(/[^\w./-]/g, '_');
}
