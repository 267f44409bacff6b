import { GraphBuilder } from '../../../cli/convert/graph/graph-builder.ts';
import { type GraphModel, graphModelFiles } from '../../../cli/convert/graph/graph-model.ts';
import type { DetectionDescriptor } from '../../../lib/models/manifest.ts';
import { FaceApiWeights, faceApiSource } from '../sources/face-api.ts';
import { type DescriptorWithoutFiles, type Network, symmetricRange } from './network.ts';

/** The side of the input in pixels. */
const inputSize = 512;

/** The number of prior boxes. */
const priorCount = 5118;

/** The constant that batch normalisation adds to the variance. (ssdMobilenetv1/mobileNetV1.ts) */
const epsilon = 0.0010000000474974513;

/** face-api's SSD face detector on MobileNet v1. */
export function ssdMobilenet(): Network {
  return {
    descriptor: {
      name: 'ssd-mobilenet-v1',
      task: 'detection',
      engine: 'tfjs',
      input: { name: 'image', shape: [-1, inputSize, inputSize, 3] },
      outputs: [
        { name: 'centres', shape: [-1, priorCount, 2] },
        { name: 'sizes', shape: [-1, priorCount, 2] },
        { name: 'logits', shape: [-1, priorCount, 3] },
      ],
      preprocessing: symmetricRange(inputSize),
      // The median size and position, relative to BlazeFace's boxes of the same faces in the sample photos.
      head: { type: 'ssd', box: { scale: 0.87, shift: 0.08 } },
      licence: 'MIT',
      trainingData: 'WIDER FACE, by yeephycho (tensorflow-face-detection), as face-api.js states',
      source: faceApiSource('ssd_mobilenetv1', 'rebuilt as a graph model; pointwise filters stay uint8'),
    } satisfies DescriptorWithoutFiles<DetectionDescriptor>,
    files: graphModelFiles(buildGraph()),
  };
}

/**
 * The network, with its uint8 weights. The graph contains the prior boxes and adds the predicted offsets to them.
 *
 * Input: `image` [n, 512, 512, 3], −1 to 1. Outputs for each of 5,118 priors: `centres` and `sizes` [n, 5118, 2], y before x, as
 * fractions of the image, and `logits` [n, 5118, 3], the second of which is that of a face.
 * (ssdMobilenetv1/{mobileNetV1,predictionLayer,outputLayer}.ts)
 */
function buildGraph(): GraphModel {
  const weights = new FaceApiWeights('ssd_mobilenetv1');
  const graph = new GraphBuilder();
  const maps = featureMaps(graph, weights);
  const encodings = predictions(graph, weights, maps, 'BoxEncodingPredictor', 4);
  graph.op('logits', 'Identity', [predictions(graph, weights, maps, 'ClassPredictor', 3)]);
  decodeBoxes(graph, encodings, weights.floats('Output/extra_dim'));
  return graph.build();
}

/** The feature maps that the boxes are predicted from. Each has half the side of the one before. */
function featureMaps(graph: GraphBuilder, weights: FaceApiWeights): string[] {
  const image = graph.input('image', [-1, inputSize, inputSize, 3]);
  let x = pointwise(graph, weights, image, 'MobilenetV1/Conv2d_0_pointwise', 2);
  const maps: string[] = [];
  for (let i = 1; i <= 13; i++) {
    x = depthwise(graph, weights, x, `MobilenetV1/Conv2d_${i}_depthwise`, [2, 4, 6, 12].includes(i) ? 2 : 1);
    x = pointwise(graph, weights, x, `MobilenetV1/Conv2d_${i}_pointwise`);
    if (i === 11 || i === 13) maps.push(x);
  }
  for (let i = 0; i < 8; i++) {
    x = pointwise(graph, weights, x, `Prediction/Conv2d_${i}_pointwise`, i % 2 === 1 ? 2 : 1);
    if (i % 2 === 1) maps.push(x);
  }
  return maps;
}

function pointwise(graph: GraphBuilder, weights: FaceApiWeights, x: string, layer: string, stride = 1): string {
  const filter = graph.constant(`${layer}/weights`, weights.get(`${layer}/weights`));
  const bias = graph.constant(`${layer}/convolution_bn_offset`, weights.get(`${layer}/convolution_bn_offset`));
  return graph.convolution(layer, x, filter, bias, { stride, activation: 'Relu6' });
}

/** A depthwise convolution with its batch normalisation folded into the filter. */
function depthwise(graph: GraphBuilder, weights: FaceApiWeights, x: string, layer: string, stride: number): string {
  const floats = (name: string) => weights.floats(`${layer}/${name}`);
  const [gamma, beta] = [floats('BatchNorm/gamma'), floats('BatchNorm/beta')];
  const [mean, variance] = [floats('BatchNorm/moving_mean'), floats('BatchNorm/moving_variance')];
  const scale = gamma.map((value, i) => value / Math.sqrt((variance[i] as number) + epsilon));
  const filter = floats('depthwise_weights').map((value, i) => value * (scale[i % scale.length] as number));
  const bias = beta.map((value, i) => value - (mean[i] as number) * (scale[i] as number));
  return graph.convolution(
    layer,
    x,
    graph.floats(`${layer}/filter`, [3, 3, scale.length, 1], filter),
    graph.floats(`${layer}/bias`, [bias.length], bias),
    { depthwise: true, stride, activation: 'Relu6' },
  );
}

/** The predictions of all feature maps in one list. @param values per prior box. */
function predictions(
  graph: GraphBuilder,
  weights: FaceApiWeights,
  maps: readonly string[],
  kind: 'BoxEncodingPredictor' | 'ClassPredictor',
  values: number,
): string {
  const parts = maps.map((map, i) => {
    const layer = `Prediction/BoxPredictor_${i}/${kind}`;
    const filter = graph.constant(`${layer}/weights`, weights.get(`${layer}/weights`));
    const bias = graph.constant(`${layer}/biases`, weights.get(`${layer}/biases`));
    const grid = graph.convolution(layer, map, filter, bias);
    const shape = graph.integers(`${layer}/shape`, [3], [-1, priorsOf(i), values]);
    return graph.op(`${layer}/list`, 'Reshape', [grid, shape]);
  });
  const axis = graph.integers(`${kind}/axis`, [], [1]);
  return graph.op(kind, 'ConcatV2', [...parts, axis], { N: { i: String(parts.length) } });
}

/** The number of prior boxes of a feature map: 3 per cell in the first, 6 per cell in the others. */
function priorsOf(map: number): number {
  const side = inputSize / 16 / 2 ** map;
  return side * side * (map === 0 ? 3 : 6);
}

/** Adds the nodes `centres` and `sizes`. @param priors top, left, bottom and right of each prior box. */
function decodeBoxes(graph: GraphBuilder, encodings: string, priors: Float32Array): void {
  const mapPriors = (map: (top: number, left: number, bottom: number, right: number) => [number, number]) =>
    Array.from({ length: priors.length / 4 }, (_, i) => {
      const [top = 0, left = 0, bottom = 0, right = 0] = priors.subarray(i * 4, i * 4 + 4);
      return map(top, left, bottom, right);
    }).flat();
  const list = (name: string, values: number[]) => graph.floats(name, [1, values.length / 2, 2], values);
  const slice = (name: string, from: number) => {
    const begin = graph.integers(`${name}/begin`, [3], [0, 0, from]);
    return graph.op(name, 'Slice', [encodings, begin, graph.integers(`${name}/size`, [3], [-1, -1, 2])], {
      Index: { type: 'DT_INT32' },
    });
  };
  const sides = mapPriors((top, left, bottom, right) => [bottom - top, right - left]);
  const middles = mapPriors((top, left, bottom, right) => [(top + bottom) / 2, (left + right) / 2]);
  const reach = list(
    'prior/reach',
    sides.map((side) => side / 10),
  );
  const moved = graph.op('centres/moved', 'Mul', [slice('offsets', 0), reach]);
  graph.op('centres', 'AddV2', [moved, list('prior/middles', middles)]);
  const growth = graph.op('sizes/fifth', 'Mul', [slice('growths', 2), graph.floats('fifth', [], [1 / 5])]);
  graph.op('sizes', 'Mul', [graph.op('sizes/growth', 'Exp', [growth]), list('prior/sides', sides)]);
}
