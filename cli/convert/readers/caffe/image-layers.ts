import { unsupportedFile } from '../../errors.ts';
import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { CaffeLayer } from './network.ts';
import { blobOf, type ImageValue } from './values.ts';

/** The largest number of values that a layer may have, far above that of published networks. */
const maxValues = 50_000_000;

/** The name of a layer's node in the graph. */
export function nodeOf({ name }: CaffeLayer): string {
  return name.replace(/[^\w./-]/g, '_');
}

/** A convolution. A dilated filter gets zeros between its values, because the kernels have no dilation. */
export function convolution(graph: GraphBuilder, layer: CaffeLayer, x: ImageValue): ImageValue {
  const parameters = layer.message.message('convolution_param');
  parameters.allow([
    ...['num_output', 'bias_term', 'pad', 'kernel_size', 'stride', 'dilation', 'weight_filler', 'bias_filler'],
  ]);
  const outputs = parameters.integer('num_output', 0, 1, 65_536);
  const kernel = parameters.integer('kernel_size', 0, 1, 63);
  const pad = parameters.integer('pad', 0, 0, 63);
  const stride = parameters.integer('stride', 1, 1, 63);
  const dilation = parameters.integer('dilation', 1, 1, 4);
  const weights = blobOf(layer, 0, outputs * x.channels * kernel ** 2);
  const bias = parameters.flag('bias_term', true) ? blobOf(layer, 1, outputs) : new Float32Array(outputs);
  const side = (kernel - 1) * dilation + 1;
  const count = side ** 2 * x.channels * outputs;
  if (count > maxValues) throw unsupportedFile(`The layer "${layer.name}" has a filter that is too large.`);
  const filter = new Float32Array(count);
  for (let output = 0, from = 0; output < outputs; output++) {
    for (let input = 0; input < x.channels; input++) {
      for (let row = 0; row < kernel; row++) {
        for (let column = 0; column < kernel; column++, from++) {
          const tap = (row * side + column) * dilation;
          filter[(tap * x.channels + input) * outputs + output] = weights[from] as number;
        }
      }
    }
  }
  const node = nodeOf(layer);
  const isSame = stride === 1 && 2 * pad === side - 1;
  const from = isSame ? x : padded(graph, `${node}/padded`, x, pad);
  const slid = (size: number) => Math.floor((size - side) / stride) + 1;
  const size = isSame ? x : { height: slid(from.height), width: slid(from.width) };
  graph.convolution(
    node,
    from.node,
    graph.floats(`${node}/filter`, [side, side, x.channels, outputs], filter),
    graph.floats(`${node}/bias`, [outputs], bias),
    { stride, padding: isSame ? 'SAME' : 'VALID' },
  );
  return image(layer, { node, height: size.height, width: size.width, channels: outputs });
}

/** Maximum pooling. Caffe rounds the size of the output up, and cuts the last window at the border. */
export function pooling(graph: GraphBuilder, layer: CaffeLayer, x: ImageValue): ImageValue {
  const parameters = layer.message.message('pooling_param');
  parameters.allow(['pool', 'kernel_size', 'stride']);
  const kernel = parameters.integer('kernel_size', 0, 1, 63);
  const stride = parameters.integer('stride', 1, 1, 63);
  const slid = (size: number) => Math.max(1, Math.ceil((size - kernel) / stride) + 1);
  const [height, width] = [slid(x.height), slid(x.width)];
  const cut = [(height - 1) * stride + kernel - x.height, (width - 1) * stride + kernel - x.width];
  const isValid = cut.every((pixels) => pixels <= 0);
  // TensorFlow's SAME cuts one pixel after the image, as Caffe does; of more it cuts some before it.
  const isSame = cut.every((pixels) => pixels === 1) && height === Math.ceil(x.height / stride);
  if (parameters.text('pool', 'MAX') !== 'MAX' || !(isValid || (isSame && width === Math.ceil(x.width / stride)))) {
    throw unsupportedFile(
      `The layer "${layer.name}" has a form of pooling that is not converted: use a network of the layout of OpenCV's res10 SSD.`,
    );
  }
  const node = graph.pool(nodeOf(layer), x.node, 'MaxPool', kernel, stride, isSame ? 'SAME' : 'VALID');
  return image(layer, { node, height, width, channels: x.channels });
}

/** Batch normalisation: a scale and a shift. The third blob divides the mean and the variance. */
export function batchNorm(layer: CaffeLayer, x: ImageValue): ImageValue {
  const parameters = layer.message.message('batch_norm_param');
  parameters.allow(['use_global_stats', 'eps', 'moving_average_fraction']);
  const epsilon = parameters.number('eps', 1e-5);
  const [mean, variance] = [blobOf(layer, 0, x.channels), blobOf(layer, 1, x.channels)];
  const [factor = 0] = blobOf(layer, 2, 1);
  const divisor = factor === 0 ? 1 : factor;
  const scale = variance.map((value) => 1 / Math.sqrt(value / divisor + epsilon));
  return scaled(
    x,
    scale,
    mean.map((value, i) => (-value / divisor) * (scale[i] as number)),
  );
}

/** A scale and a shift for each channel. */
export function scale(layer: CaffeLayer, x: ImageValue): ImageValue {
  const parameters = layer.message.message('scale_param');
  parameters.allow(['bias_term', 'filler', 'bias_filler']);
  const shift = parameters.flag('bias_term', false) ? blobOf(layer, 1, x.channels) : new Float32Array(x.channels);
  return scaled(x, blobOf(layer, 0, x.channels), shift);
}

/** Applies the scale and the shift that are pending. @param name of the nodes. */
export function applied(graph: GraphBuilder, name: string, x: ImageValue): ImageValue {
  const { affine, ...rest } = x;
  if (!affine) return x;
  const product = graph.op(`${name}/scaled`, 'Mul', [
    x.node,
    graph.floats(`${name}/scale`, [x.channels], affine.scale),
  ]);
  const shift = graph.floats(`${name}/shift`, [x.channels], affine.shift);
  return { ...rest, node: graph.op(`${name}/shifted`, 'AddV2', [product, shift]) };
}

/** The rectifier. */
export function relu(graph: GraphBuilder, layer: CaffeLayer, x: ImageValue): ImageValue {
  layer.message.message('relu_param').allow([]);
  return { ...x, node: graph.op(nodeOf(layer), 'Relu', [x.node]) };
}

/** The sum of two images. */
export function eltwise(graph: GraphBuilder, layer: CaffeLayer, a: ImageValue, b: ImageValue): ImageValue {
  const parameters = layer.message.message('eltwise_param');
  parameters.allow(['operation']);
  const isSum = parameters.text('operation', 'SUM') === 'SUM' && layer.bottoms.length === 2;
  if (!isSum || a.height !== b.height || a.width !== b.width || a.channels !== b.channels) {
    throw unsupportedFile(
      `The layer "${layer.name}" is not the sum of two images of one size, which is not converted.`,
    );
  }
  return { ...a, node: graph.op(nodeOf(layer), 'AddV2', [a.node, b.node]) };
}

/** Divides the channels of each pixel by their Euclidean norm, and multiplies each channel. */
export function normalize(graph: GraphBuilder, layer: CaffeLayer, x: ImageValue): ImageValue {
  const parameters = layer.message.message('norm_param');
  parameters.allow(['across_spatial', 'channel_shared', 'scale_filler', 'eps']);
  if (parameters.flag('across_spatial', true)) {
    throw unsupportedFile(`The layer "${layer.name}" normalises across pixels, which is not converted.`);
  }
  const isShared = parameters.flag('channel_shared', true);
  const factors = blobOf(layer, 0, isShared ? 1 : x.channels);
  const scales = isShared ? new Float32Array(x.channels).fill(factors[0] as number) : factors;
  const node = nodeOf(layer);
  const square = graph.op(`${node}/square`, 'Mul', [x.node, x.node]);
  const axis = graph.integers(`${node}/axis`, [1], [3]);
  const sum = graph.op(`${node}/sum`, 'Sum', [square, axis], { keep_dims: { b: true } });
  const epsilon = graph.floats(`${node}/epsilon`, [1], [parameters.number('eps', 1e-10)]);
  const inverse = graph.op(`${node}/inverse`, 'Rsqrt', [graph.op(`${node}/positive`, 'AddV2', [sum, epsilon])]);
  const unit = graph.op(`${node}/unit`, 'Mul', [x.node, inverse]);
  return { ...x, node: graph.op(node, 'Mul', [unit, graph.floats(`${node}/scales`, [x.channels], scales)]) };
}

function scaled(x: ImageValue, factor: Float32Array, summand: Float32Array): ImageValue {
  const before = x.affine ?? { scale: new Float32Array(x.channels).fill(1), shift: new Float32Array(x.channels) };
  return {
    ...x,
    affine: {
      scale: before.scale.map((value, i) => value * (factor[i] as number)),
      shift: before.shift.map((value, i) => value * (factor[i] as number) + (summand[i] as number)),
    },
  };
}

function padded(graph: GraphBuilder, name: string, x: ImageValue, pad: number): ImageValue {
  if (pad === 0) return x;
  const paddings = graph.integers(`${name}/paddings`, [4, 2], [0, 0, pad, pad, pad, pad, 0, 0]);
  const node = graph.op(name, 'Pad', [x.node, paddings]);
  return { ...x, node, height: x.height + 2 * pad, width: x.width + 2 * pad };
}

/** An image of a possible size. */
function image({ name }: CaffeLayer, value: Omit<ImageValue, 'kind'>): ImageValue {
  const { height, width, channels } = value;
  if (height >= 1 && width >= 1 && height * width * channels <= maxValues) return { kind: 'image', ...value };
  throw unsupportedFile(`The layer "${name}" has an output of ${width}×${height}×${channels}, which is not converted.`);
}
