import { GraphBuilder } from '../../../cli/convert/graph/graph-builder.ts';
import { type GraphModel, graphModelFiles } from '../../../cli/convert/graph/graph-model.ts';
import type { LandmarksDescriptor } from '../../../lib/models/manifest.ts';
import { FaceApiWeights, faceApiSource } from '../sources/face-api.ts';
import type { DescriptorWithoutFiles, Network } from './network.ts';

/** face-api's 68-point landmark network. */
export function landmarks68(): Network {
  return {
    descriptor: {
      name: 'face-api-68',
      task: 'landmarks',
      engine: 'tfjs',
      scheme: 'ibug-68',
      valuesPerPoint: 2,
      unit: 'crop',
      crop: { scale: 1.2, shift: 0.05 },
      input: { name: 'image', shape: [-1, 112, 112, 3] },
      outputs: [{ name: 'points', shape: [-1, 136] }],
      preprocessing: {
        width: 112,
        height: 112,
        channels: 'rgb',
        mean: [122.782, 117.001, 104.298],
        std: [255, 255, 255],
      },
      licence: 'MIT',
      trainingData: 'about 35,000 face images, labelled with 68 points by the author of face-api.js; not published',
      source: faceApiSource('face_landmark_68', 'rebuilt as a graph model; weights stay uint8'),
    } satisfies DescriptorWithoutFiles<LandmarksDescriptor>,
    files: graphModelFiles(buildGraph()),
  };
}

/**
 * The network, with its uint8 weights.
 *
 * Input: `image` [n, 112, 112, 3], normalised. Output: `points` [n, 136], x and y of each point as fractions of the square crop.
 * face-api's `postProcess` only removes the padding of crops that are not square.
 */
function buildGraph(): GraphModel {
  const weights = new FaceApiWeights('face_landmark_68');
  const graph = new GraphBuilder();
  const constant = (name: string) => graph.constant(name, weights.get(name));
  const relu = (name: string, x: string) => graph.op(name, 'Relu', [x]);
  const add = (name: string, x: string, y: string) => graph.op(name, 'AddV2', [x, y]);

  /** The first layer is a standard convolution, the others are separable. (common/depthwiseSeparableConv.ts) */
  const convolution = (x: string, layer: string, options: { stride?: number; activation?: 'Relu' }) => {
    const bias = constant(`${layer}/bias`);
    if (layer === 'dense0/conv0') return graph.convolution(layer, x, constant(`${layer}/filters`), bias, options);
    const { stride = 1, ...rest } = options;
    const filter = constant(`${layer}/depthwise_filter`);
    const depthwise = graph.depthwiseConvolution(`${layer}/depthwise`, x, filter, stride);
    return graph.convolution(layer, depthwise, constant(`${layer}/pointwise_filter`), bias, rest);
  };

  let x = graph.input('image', [-1, 112, 112, 3]);
  for (const block of ['dense0', 'dense1', 'dense2', 'dense3']) {
    // Each sum includes all earlier outputs of the block. (faceFeatureExtractor/denseBlock.ts, denseBlock4)
    const out1 = convolution(x, `${block}/conv0`, { stride: 2, activation: 'Relu' });
    const out2 = convolution(out1, `${block}/conv1`, {});
    const sum2 = add(`${block}/sum2`, out1, out2);
    const out3 = convolution(relu(`${block}/relu2`, sum2), `${block}/conv2`, {});
    const sum3 = add(`${block}/sum3`, sum2, out3);
    const out4 = convolution(relu(`${block}/relu3`, sum3), `${block}/conv3`, {});
    x = relu(`${block}/relu4`, add(`${block}/sum4`, sum3, out4));
  }
  x = graph.pool('pool', x, 'AvgPool', 7, 2, 'VALID');
  x = graph.op('flat', 'Reshape', [x, graph.integers('flat/shape', [2], [-1, 256])]);
  x = graph.op('fc', 'MatMul', [x, constant('fc/weights')], { transpose_a: { b: false }, transpose_b: { b: false } });
  add('points', x, constant('fc/bias'));
  return graph.build();
}
