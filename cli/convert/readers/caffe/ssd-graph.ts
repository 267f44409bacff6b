import type { PriorHead } from '../../../../lib/models/manifest.ts';
import { damaged, unsupportedFile } from '../../errors.ts';
import { GraphBuilder } from '../../graph/graph-builder.ts';
import type { GraphModel } from '../../graph/graph-model.ts';
import { applied, batchNorm, convolution, eltwise, nodeOf, normalize, pooling, relu, scale } from './image-layers.ts';
import type { CaffeLayer, CaffeNetwork } from './network.ts';
import { concat, detectionOutput, flatten, permute, priorBox, reshape, type SsdOutput, softmax } from './ssd-layers.ts';
import { type CaffeValue, type ImageValue, ofKind } from './values.ts';

/** The node of the input image. */
export const inputNode = 'image';

/** The fields of a layer, besides the parameters of its type, that change nothing when a network runs. */
const layerFields = ['name', 'type', 'bottom', 'top', 'param'];

/** The field with the parameters of each type of layer. */
const parameterFields: Record<string, string> = {
  Convolution: 'convolution_param',
  Pooling: 'pooling_param',
  BatchNorm: 'batch_norm_param',
  Scale: 'scale_param',
  ReLU: 'relu_param',
  Eltwise: 'eltwise_param',
  Normalize: 'norm_param',
  Permute: 'permute_param',
  Flatten: 'flatten_param',
  Concat: 'concat_param',
  Reshape: 'reshape_param',
  Softmax: 'softmax_param',
  PriorBox: 'prior_box_param',
  DetectionOutput: 'detection_output_param',
};

/** A network as a graph model, and how its outputs are decoded. */
export interface SsdGraph {
  graph: GraphModel;
  /** The nodes of the outputs: four values for the box, and two probabilities, for each prior box. */
  outputs: [boxes: string, scores: string];
  head: PriorHead;
}

/**
 * Converts an SSD of Caffe to a graph model. The input is `image` [n, height, width, 3]. Prior boxes become data of the head.
 *
 * @throws {FaceNetError} `model-file-unsupported` for other layers than those of OpenCV's res10 SSD; `model-file-damaged` for layers that
 *   do not fit together, or weights of another network.
 */
export function graphOfSsd({ input, layers }: CaffeNetwork): SsdGraph {
  const graph = new GraphBuilder();
  const { width, height } = input;
  const node = graph.input(inputNode, [-1, height, width, 3]);
  const values = new Map<string, CaffeValue>([[input.name, { kind: 'image', node, height, width, channels: 3 }]]);
  let output: SsdOutput | undefined;
  for (const layer of layers) {
    if (output) throw unsupportedFile(`The layer "${layer.name}" follows the DetectionOutput, which is not converted.`);
    const parameters = parameterFields[layer.type];
    if (parameters === undefined || !Object.hasOwn(parameterFields, layer.type)) {
      throw unsupportedFile(
        `The layer "${layer.name}" has the type ${layer.type}, which is not converted: use a network of the layout of OpenCV's res10 SSD.`,
      );
    }
    layer.message.allow([...layerFields, parameters]);
    const inputs = layer.bottoms.map((bottom) => inputOf(graph, layer, values, bottom));
    if (layer.type === 'DetectionOutput') output = detectionOutput(layer, inputs);
    else values.set(layer.top, convert(graph, layer, inputs));
  }
  if (!output)
    throw unsupportedFile("The .prototxt has no DetectionOutput layer: use a detector, such as OpenCV's res10 SSD.");
  return { graph: graph.build(), outputs: [output.boxes, output.scores], head: output.head };
}

/** An input of a layer. Its pending scale is applied, unless the layer is another scale. */
function inputOf(graph: GraphBuilder, layer: CaffeLayer, values: Map<string, CaffeValue>, bottom: string): CaffeValue {
  const value = values.get(bottom);
  if (!value) throw damaged(`The layer "${layer.name}" reads "${bottom}", which no layer before it computes`);
  if (value.kind !== 'image' || layer.type === 'BatchNorm' || layer.type === 'Scale') return value;
  const image = applied(graph, `${nodeOf(layer)}/input_${layer.bottoms.indexOf(bottom)}`, value);
  values.set(bottom, image);
  return image;
}

function convert(graph: GraphBuilder, layer: CaffeLayer, inputs: readonly CaffeValue[]): CaffeValue {
  const [first, second] = inputs;
  const image = (value = first): ImageValue => ofKind(layer, value, 'image');
  switch (layer.type) {
    case 'Convolution':
      return convolution(graph, layer, image());
    case 'Pooling':
      return pooling(graph, layer, image());
    case 'BatchNorm':
      return batchNorm(layer, image());
    case 'Scale':
      return scale(layer, image());
    case 'ReLU':
      return relu(graph, layer, image());
    case 'Eltwise':
      return eltwise(graph, layer, image(), image(second));
    case 'Normalize':
      return normalize(graph, layer, image());
    case 'Permute':
      return permute(layer, image());
    case 'Flatten':
      return flatten(graph, layer, ofKind(layer, first, first?.kind === 'rows' ? 'rows' : 'permuted'));
    case 'Concat':
      return concat(graph, layer, inputs);
    case 'Reshape':
      return reshape(graph, layer, ofKind(layer, first, 'flat'));
    case 'Softmax':
      return softmax(graph, layer, ofKind(layer, first, 'rows'));
    default:
      return priorBox(layer, image(), image(second));
  }
}
