import { GraphBuilder } from '../../../cli/convert/graph/graph-builder.ts';
import { type GraphModel, graphModelFiles } from '../../../cli/convert/graph/graph-model.ts';
import type { EmbeddingDescriptor } from '../../../lib/models/manifest.ts';
import { calibrationOf } from '../presets.ts';
import { FaceApiWeights, faceApiSource } from '../sources/face-api.ts';
import type { DescriptorWithoutFiles, Network } from './network.ts';

/** dlib's face recognition ResNet (`dlib_face_recognition_resnet_model_v1`), from face-api. */
export function dlibResnet(): Network {
  return {
    descriptor: {
      name: 'dlib-resnet-34',
      task: 'embedding',
      engine: 'tfjs',
      dimension: 128,
      metric: 'euclidean',
      template: 'dlib',
      calibration: calibrationOf('dlib-resnet-34'),
      input: { name: 'image', shape: [-1, 150, 150, 3] },
      outputs: [{ name: 'embedding', shape: [-1, 128] }],
      // As trained: dlib divides by 256 (input_rgb_image_sized), face-api by 255.
      preprocessing: {
        width: 150,
        height: 150,
        channels: 'rgb',
        mean: [122.782, 117.001, 104.298],
        std: [256, 256, 256],
      },
      licence: "public domain by its author's word (dlib, dlib_face_recognition_resnet_model_v1); the package is MIT",
      trainingData: 'about 3 million images of 7,485 people: FaceScrub, VGG Face, and images scraped from the internet',
      source: faceApiSource(
        'face_recognition',
        'rebuilt as a graph model; filters stay uint8, scale layers stay apart as one float per channel',
      ),
    } satisfies DescriptorWithoutFiles<EmbeddingDescriptor>,
    files: graphModelFiles(buildGraph()),
  };
}

/** The residual blocks in order. Those with "down" halve the size. (faceRecognitionNet/FaceRecognitionNet.ts) */
const residualBlocks = [
  'conv32_1',
  'conv32_2',
  'conv32_3',
  'conv64_down',
  'conv64_1',
  'conv64_2',
  'conv64_3',
  'conv128_down',
  'conv128_1',
  'conv128_2',
  'conv256_down',
  'conv256_1',
  'conv256_2',
  'conv256_down_out',
];

/**
 * The network, with face-api's uint8 weights.
 *
 * Input: `image` [n, 150, 150, 3], normalised. Output: `embedding` [n, 128].
 *
 * Each layer is one fused convolution. Its per-channel scale multiplies the filter in a node of two constants, which the loader
 * evaluates once, so that the filter can stay uint8.
 */
function buildGraph(): GraphModel {
  const weights = new FaceApiWeights('face_recognition');
  const graph = new GraphBuilder();
  let x = convolution(graph, weights, graph.input('image', [-1, 150, 150, 3]), 'conv32_down', {
    stride: 2,
    relu: true,
  });
  x = graph.pool('pool', x, 'MaxPool', 3, 2, 'VALID');
  let shape = { size: 35, channels: 32 };
  for (const block of residualBlocks) ({ x, shape } = residualBlock(graph, weights, x, block, shape));
  const mean = graph.op('mean', 'Mean', [x, graph.integers('mean/axes', [2], [1, 2])], { keep_dims: { b: false } });
  const fc = graph.constant('fc', weights.get('fc'));
  graph.op('embedding', 'MatMul', [mean, fc], { transpose_a: { b: false }, transpose_b: { b: false } });
  return graph.build();
}

function convolution(
  graph: GraphBuilder,
  weights: FaceApiWeights,
  x: string,
  layer: string,
  { stride = 1, relu }: { stride?: number; relu: boolean },
): string {
  const filter = graph.constant(`${layer}/filter`, weights.get(`${layer}/conv/filters`));
  const scale = weights.floats(`${layer}/scale/weights`);
  const shift = weights.floats(`${layer}/scale/biases`);
  const bias = weights
    .floats(`${layer}/conv/bias`)
    .map((value, i) => value * (scale[i] as number) + (shift[i] as number));
  return graph.convolution(
    layer,
    x,
    graph.op(`${layer}/scaled`, 'Mul', [filter, graph.floats(`${layer}/scale`, [1, 1, 1, scale.length], scale)]),
    graph.floats(`${layer}/bias`, [bias.length], bias),
    { stride, padding: stride === 1 ? 'SAME' : 'VALID', ...(relu && { activation: 'Relu' }) },
  );
}

/** Two convolutions with a residual connection. If the shapes differ, the smaller one is padded with zeros. */
function residualBlock(
  graph: GraphBuilder,
  weights: FaceApiWeights,
  input: string,
  block: string,
  { size, channels }: { size: number; channels: number },
) {
  const isDown = block.includes('down');
  let x = input;
  let out = convolution(graph, weights, x, `${block}/conv1`, { stride: isDown ? 2 : 1, relu: true });
  out = convolution(graph, weights, out, `${block}/conv2`, { relu: false });
  const shape = { size, channels };
  if (isDown) {
    const outSize = Math.floor((size - 3) / 2) + 1;
    shape.size = Math.floor(size / 2);
    shape.channels = weights.get(`${block}/conv2/conv/filters`).shape[3] as number;
    x = graph.pool(`${block}/pool`, x, 'AvgPool', 2, 2, 'VALID');
    const [moreChannels, moreSize] = [shape.channels - channels, shape.size - outSize];
    if (moreChannels > 0) x = pad(graph, `${block}/channels`, x, [0, 0, moreChannels]);
    if (moreSize > 0) out = pad(graph, `${block}/size`, out, [moreSize, moreSize, 0]);
  }
  return { x: graph.op(`${block}/relu`, 'Relu', [graph.op(`${block}/sum`, 'AddV2', [x, out])]), shape };
}

/** Pads with zeros after the height, the width and the channels. */
function pad(
  graph: GraphBuilder,
  name: string,
  x: string,
  [height, width, channels]: [number, number, number],
): string {
  const paddings = graph.integers(`${name}/paddings`, [4, 2], [0, 0, 0, height, 0, width, 0, channels]);
  return graph.op(name, 'Pad', [x, paddings]);
}
