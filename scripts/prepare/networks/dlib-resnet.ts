import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GraphBuilder, type GraphModel, type Weight } from '../../../cli/convert/graph/graph-builder.ts';

interface StoredWeight {
  name: string;
  shape: number[];
  quantization?: { dtype: 'uint8'; scale: number; min: number };
}

/** A network's weights as face-api stores them: most as uint8 with an affine rule each, a few as float32. */
export class FaceApiWeights {
  readonly #weights = new Map<string, Weight>();

  /** @param stem the path of the model's two files, without "-weights_manifest.json" and ".bin". */
  constructor(stem: string) {
    const [manifest] = JSON.parse(readFileSync(`${stem}-weights_manifest.json`, 'utf8')) as [
      { weights: StoredWeight[] },
    ];
    const bytes = readFileSync(`${stem}.bin`);
    let offset = 0;
    for (const { name, shape, quantization } of manifest.weights) {
      const length = shape.reduce((product, size) => product * size, quantization ? 1 : 4);
      const values = new Uint8Array(bytes.subarray(offset, offset + length));
      offset += length;
      this.#weights.set(
        name,
        quantization
          ? { shape, dtype: 'float32', values, quantization: { scale: quantization.scale, min: quantization.min } }
          : { shape, dtype: 'float32', values: new Float32Array(values.buffer) },
      );
    }
    if (offset !== bytes.length) throw new Error(`${stem}.bin is ${bytes.length} bytes, its manifest says ${offset}`);
  }

  /** A weight as it is stored. */
  get(name: string): Weight {
    const weight = this.#weights.get(name);
    if (!weight) throw new Error(`no weight is named ${name}`);
    return weight;
  }

  /** A weight's values as numbers, rounded to float32 as TensorFlow.js rounds them. */
  floats(name: string): Float32Array {
    const weight = this.get(name);
    if (!('quantization' in weight) || weight.quantization === 'float16') return Float32Array.from(weight.values);
    const { scale, min } = weight.quantization;
    return Float32Array.from(weight.values, (value) => value * scale + min);
  }
}

/** The channels of dlib's residual layers, in order; "down" halves the size. (faceRecognitionNet/FaceRecognitionNet.ts) */
const residualLayers = [
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
 * dlib's face recognition ResNet (`dlib_face_recognition_resnet_model_v1`) from face-api's uint8 weights.
 *
 * In: `image` [n, 150, 150, 3], already normalised. Out: `embedding` [n, 128].
 *
 * A layer is one fused convolution: its per-channel scale multiplies the filter, in a node of two constants that the
 * loader computes once, so that the filter can stay uint8.
 *
 * @param folder the package's folder `model`.
 */
export function buildDlibResnet(folder: string): GraphModel {
  const weights = new FaceApiWeights(join(folder, 'face_recognition_model'));
  const graph = new GraphBuilder();

  const convolution = (x: string, layer: string, options: { stride?: number; relu: boolean }) => {
    const { stride = 1, relu } = options;
    const filter = graph.constant(`${layer}/filter`, weights.get(`${layer}/conv/filters`));
    const scale = weights.floats(`${layer}/scale/weights`);
    const shift = weights.floats(`${layer}/scale/biases`);
    const bias = weights.floats(`${layer}/conv/bias`).map((value, i) => value * at(scale, i) + at(shift, i));
    return graph.convolution(
      layer,
      x,
      graph.op(`${layer}/scaled`, 'Mul', [filter, graph.floats(`${layer}/scale`, [1, 1, 1, scale.length], scale)]),
      graph.floats(`${layer}/bias`, [bias.length], bias),
      { stride, padding: stride === 1 ? 'SAME' : 'VALID', ...(relu && { activation: 'Relu' }) },
    );
  };

  let x = convolution(graph.input('image', [-1, 150, 150, 3]), 'conv32_down', { stride: 2, relu: true });
  x = graph.pool('pool', x, 'MaxPool', 3, 2, 'VALID');
  let size = 35;
  let channels = 32;
  for (const layer of residualLayers) {
    const down = layer.includes('down');
    let out = convolution(x, `${layer}/conv1`, { stride: down ? 2 : 1, relu: true });
    out = convolution(out, `${layer}/conv2`, { relu: false });
    if (down) {
      const outSize = Math.floor((size - 3) / 2) + 1;
      const outChannels = at(weights.get(`${layer}/conv2/conv/filters`).shape, 3);
      size = Math.floor(size / 2);
      x = graph.pool(`${layer}/pool`, x, 'AvgPool', 2, 2, 'VALID');
      if (outChannels > channels) x = pad(graph, `${layer}/channels`, x, [0, 0, outChannels - channels]);
      if (size > outSize) out = pad(graph, `${layer}/size`, out, [size - outSize, size - outSize, 0]);
      channels = outChannels;
    }
    x = graph.op(`${layer}/relu`, 'Relu', [graph.op(`${layer}/sum`, 'AddV2', [x, out])]);
  }
  const mean = graph.op('mean', 'Mean', [x, graph.integers('mean/axes', [2], [1, 2])], { keep_dims: { b: false } });
  const fc = graph.constant('fc', weights.get('fc'));
  graph.op('embedding', 'MatMul', [mean, fc], { transpose_a: { b: false }, transpose_b: { b: false } });
  return graph.build();
}

/** Zeros behind the height, the width and the channels. */
function pad(
  graph: GraphBuilder,
  name: string,
  x: string,
  [height, width, channels]: [number, number, number],
): string {
  const paddings = graph.integers(`${name}/paddings`, [4, 2], [0, 0, 0, height, 0, width, 0, channels]);
  return graph.op(name, 'Pad', [x, paddings]);
}

/**
 * face-api's 68-point landmark network, with its uint8 weights.
 *
 * In: `image` [n, 112, 112, 3], already normalised. Out: `points` [n, 136], x and y of each point in turn as fractions of
 * the square crop; face-api's `postProcess` only maps them back through the padding of a crop that is no square.
 *
 * @param folder the package's folder `model`.
 */
export function buildLandmarks68(folder: string): GraphModel {
  const weights = new FaceApiWeights(join(folder, 'face_landmark_68_model'));
  const graph = new GraphBuilder();
  const constant = (name: string) => graph.constant(name, weights.get(name));
  const relu = (name: string, x: string) => graph.op(name, 'Relu', [x]);
  const add = (name: string, x: string, y: string) => graph.op(name, 'AddV2', [x, y]);

  /** A plain convolution in the first layer, a separable one everywhere else. (common/depthwiseSeparableConv.ts) */
  const convolution = (x: string, layer: string, options: { stride?: number; activation?: 'Relu' }) => {
    const bias = constant(`${layer}/bias`);
    if (layer === 'dense0/conv0') return graph.convolution(layer, x, constant(`${layer}/filters`), bias, options);
    const { stride = 1, ...rest } = options;
    const filter = constant(`${layer}/depthwise_filter`);
    const deep = graph.depthwiseConvolution(`${layer}/depthwise`, x, filter, stride);
    return graph.convolution(layer, deep, constant(`${layer}/pointwise_filter`), bias, rest);
  };

  let x = graph.input('image', [-1, 112, 112, 3]);
  for (const block of ['dense0', 'dense1', 'dense2', 'dense3']) {
    // Each sum takes in everything before it. (faceFeatureExtractor/denseBlock.ts, denseBlock4)
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

function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new Error(`there is no value ${index}`);
  return value;
}
