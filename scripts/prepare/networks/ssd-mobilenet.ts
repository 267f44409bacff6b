import { join } from 'node:path';
import { GraphBuilder, type GraphModel } from '../../../cli/convert/graph/graph-builder.ts';
import { FaceApiWeights } from './dlib-resnet.ts';

/** What batch normalisation adds to the variance. (ssdMobilenetv1/mobileNetV1.ts) */
const epsilon = 0.0010000000474974513;

/** The side of the picture that the SSD network takes, and how far its stages shrink it. */
const ssdSize = 512;

/**
 * face-api's SSD face detector on MobileNet v1, with its uint8 weights.
 *
 * In: `image` [n, 512, 512, 3], −1 to 1. Out, of each of 5,118 candidates as fractions of the picture: `centres` [n, 5118, 2]
 * and `sizes` [n, 5118, 2], each y before x; and `logits` [n, 5118, 3], of which the second is that of a face. The offsets to
 * the prior boxes are resolved in the graph, which has the priors. (ssdMobilenetv1/{mobileNetV1,predictionLayer,outputLayer}.ts)
 *
 * @param folder the package's folder `model`.
 */
export function buildSsd(folder: string): GraphModel {
  const weights = new FaceApiWeights(join(folder, 'ssd_mobilenetv1_model'));
  const graph = new GraphBuilder();
  const constant = (name: string) => graph.constant(name, weights.get(name));

  const pointwise = (x: string, layer: string, stride = 1) =>
    graph.convolution(layer, x, constant(`${layer}/weights`), constant(`${layer}/convolution_bn_offset`), {
      stride,
      activation: 'Relu6',
    });

  /** A depthwise convolution with its batch normalisation multiplied into the filter. */
  const depthwise = (x: string, layer: string, stride: number) => {
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
  };

  let x = pointwise(graph.input('image', [-1, ssdSize, ssdSize, 3]), 'MobilenetV1/Conv2d_0_pointwise', 2);
  let middle = x;
  for (let i = 1; i <= 13; i++) {
    x = depthwise(x, `MobilenetV1/Conv2d_${i}_depthwise`, [2, 4, 6, 12].includes(i) ? 2 : 1);
    x = pointwise(x, `MobilenetV1/Conv2d_${i}_pointwise`);
    if (i === 11) middle = x;
  }
  const maps = [middle, x];
  for (let i = 0; i < 8; i++) {
    x = pointwise(x, `Prediction/Conv2d_${i}_pointwise`, i % 2 === 1 ? 2 : 1);
    if (i % 2 === 1) maps.push(x);
  }

  const predictions = (kind: 'BoxEncodingPredictor' | 'ClassPredictor', values: number) => {
    const parts = maps.map((map, i) => {
      const layer = `Prediction/BoxPredictor_${i}/${kind}`;
      const made = graph.convolution(layer, map, constant(`${layer}/weights`), constant(`${layer}/biases`));
      return graph.op(`${layer}/list`, 'Reshape', [
        made,
        graph.integers(`${layer}/shape`, [3], [-1, shapeOf(i), values]),
      ]);
    });
    return graph.op(kind, 'ConcatV2', [...parts, graph.integers(`${kind}/axis`, [], [1])], {
      N: { i: String(parts.length) },
    });
  };
  const encodings = predictions('BoxEncodingPredictor', 4);
  graph.op('logits', 'Identity', [predictions('ClassPredictor', 3)]);

  const priors = weights.floats('Output/extra_dim');
  const count = priors.length / 4;
  const ofPriors = (of: (top: number, left: number, bottom: number, right: number) => [number, number]) =>
    Array.from({ length: count }, (_, i) => {
      const [top = 0, left = 0, bottom = 0, right = 0] = priors.subarray(i * 4, i * 4 + 4);
      return of(top, left, bottom, right);
    }).flat();
  const part = (name: string, from: number) => {
    const begin = graph.integers(`${name}/begin`, [3], [0, 0, from]);
    return graph.op(name, 'Slice', [encodings, begin, graph.integers(`${name}/size`, [3], [-1, -1, 2])], {
      Index: { type: 'DT_INT32' },
    });
  };
  const sides = ofPriors((top, left, bottom, right) => [bottom - top, right - left]);
  const middles = ofPriors((top, left, bottom, right) => [(top + bottom) / 2, (left + right) / 2]);
  const list = (name: string, values: number[]) => graph.floats(name, [1, count, 2], values);
  const reach = list(
    'prior/reach',
    sides.map((side) => side / 10),
  );
  const moved = graph.op('centres/moved', 'Mul', [part('offsets', 0), reach]);
  graph.op('centres', 'AddV2', [moved, list('prior/middles', middles)]);
  const growth = graph.op('sizes/fifth', 'Mul', [part('growths', 2), graph.floats('fifth', [], [1 / 5])]);
  graph.op('sizes', 'Mul', [graph.op('sizes/growth', 'Exp', [growth]), list('prior/sides', sides)]);
  return graph.build();
}

/** How many candidates a map predicts: 3 a cell in the first, 6 in the others; each has half the side of the one before. */
function shapeOf(map: number): number {
  const side = ssdSize / 16 / 2 ** map;
  return side * side * (map === 0 ? 3 : 6);
}

/**
 * face-api's tiny face detector: a Tiny YOLO v2 of separable convolutions, with its uint8 weights.
 *
 * In: `image` [n, 416, 416, 3], already normalised. Out: `grid` [n, 13, 13, 25], of each cell and of each of its five anchors the
 * offsets x and y, the growths of width and height, and the logit of a face. (tinyYolov2/TinyYolov2Base.ts, runMobilenet)
 *
 * @param folder the package's folder `model`.
 */
export function buildTinyYolo(folder: string): GraphModel {
  const weights = new FaceApiWeights(join(folder, 'tiny_face_detector_model'));
  const graph = new GraphBuilder();
  const constant = (name: string) => graph.constant(name, weights.get(name));

  /** A convolution whose leaky ReLU is fused as a PReLU of one slope. */
  const leaky = (x: string, layer: string, filter: string, padding: 'SAME' | 'VALID') => {
    const { shape } = weights.get(`${layer}/bias`);
    const channels = shape[0] as number;
    const alpha = graph.floats(`${layer}/slope`, [1, 1, channels], new Float32Array(channels).fill(0.1));
    return graph.convolution(layer, x, filter, constant(`${layer}/bias`), { padding, activation: 'Prelu', alpha });
  };

  let x = leaky(graph.input('image', [-1, 416, 416, 3]), 'conv0', constant('conv0/filters'), 'VALID');
  for (let i = 1; i <= 5; i++) {
    x = graph.pool(`pool${i - 1}`, x, 'MaxPool', 2, 2, 'SAME');
    x = graph.depthwiseConvolution(`conv${i}/depthwise`, x, constant(`conv${i}/depthwise_filter`), 1);
    x = leaky(x, `conv${i}`, constant(`conv${i}/pointwise_filter`), 'SAME');
  }
  x = graph.pool('pool5', x, 'MaxPool', 2, 1, 'SAME');
  graph.op('grid', 'Identity', [graph.convolution('conv8', x, constant('conv8/filters'), constant('conv8/bias'))]);
  return graph.build();
}
