import type { GraphNode } from '../../graph-model.ts';
import { constantFloats, slopesOf } from './lower-activations.ts';
import type { LoweringContext } from './lowering-context.ts';
import {
  flag,
  inputName,
  integerList,
  leakySlope,
  outputSize,
  paddingFor,
  stridesOf,
  stringList,
  unsupported,
} from './node-attributes.ts';
import type { Activation, Pair, Tensor, View } from './program.ts';
import { createTensor, identity } from './views.ts';

/** Lowers `Conv2D` and `_FusedConv2D`. */
export function lowerConvolution(context: LoweringContext, node: GraphNode): View {
  const filter = context.constant(node, 1);
  const [rows = 1, columns = 1, inputs = 0, outputs = 0] = filter.shape;
  const strides = stridesOf(node);
  const input = paddedInput(context, node, context.input(node), [rows, columns]);
  if (input.shape[2] !== inputs) throw unsupported(node, 'is a grouped convolution');
  const output = outputOf(input, [rows, columns], strides, outputs);
  const fused = fusedOperators(context, node, outputs);
  return context.emit({ kind: 'convolution', input, filter, strides, residual: undefined, ...fused, output });
}

/** Lowers `DepthwiseConv2dNative` and `FusedDepthwiseConv2dNative`. */
export function lowerDepthwise(context: LoweringContext, node: GraphNode): View {
  const filter = context.constant(node, 1);
  const [rows = 1, columns = 1, inputs = 0, multiplier = 0] = filter.shape;
  const strides = stridesOf(node);
  const input = paddedInput(context, node, context.vectorAligned(context.input(node)), [rows, columns]);
  const [, , channels = 0] = input.shape;
  if (multiplier !== 1 || channels !== inputs) throw unsupported(node, 'has a channel multiplier other than 1');
  const output = outputOf(input, [rows, columns], strides, channels);
  const fused = fusedOperators(context, node, channels);
  return context.emit({ kind: 'depthwise', input, filter, strides, ...fused, output });
}

/** Lowers `MatMul` and `_FusedMatMul` to a convolution whose filter covers the whole input. */
export function lowerMatMul(context: LoweringContext, node: GraphNode): View {
  const filter = context.constant(node, 1);
  const input = context.contiguous(context.input(node), inputName(node));
  const [inputs = 0, outputs = 0] = filter.shape;
  const isTransposed = flag(node, 'transpose_a') || flag(node, 'transpose_b');
  if (isTransposed || input.shape.length !== 1 || input.shape[0] !== inputs) {
    throw unsupported(node, 'is not the product of a vector and a matrix');
  }
  // A contiguous tensor can be read as one row of pixels.
  const { floatsPerPixel } = input.tensor;
  const output = createTensor(1, 1, outputs, true);
  const view = context.emit({
    kind: 'convolution',
    input,
    filter: filter.reshaped([1, inputs / floatsPerPixel, floatsPerPixel, outputs]),
    ...fusedOperators(context, node, outputs),
    strides: [1, 1],
    residual: undefined,
    output,
  });
  return { ...view, shape: [outputs] };
}

/** The input with the padding that the node's attributes specify. */
function paddedInput(context: LoweringContext, node: GraphNode, view: View, window: Pair): View {
  if (view.shape.length !== 3) throw unsupported(node, 'has an input whose rank is not 4');
  if (integerList(node, 'dilations').some((dilation) => dilation !== 1)) throw unsupported(node, 'is dilated');
  const [height = 0, width = 0, channels = 0] = view.shape;
  const padding = paddingFor(node, [height, width], window, stridesOf(node));
  const shape = [height + padding.top + padding.bottom, width + padding.left + padding.right, channels];
  const padded = context.padded(view, padding, shape);
  return padded.tensor.channels === channels ? padded : context.materialised(padded);
}

function outputOf({ shape: [height = 0, width = 0] }: View, window: Pair, strides: Pair, channels: number): Tensor {
  return createTensor(outputSize(height, window[0], strides[0]), outputSize(width, window[1], strides[1]), channels);
}

/** The bias and activation in the attribute `fused_ops` of a node. */
function fusedOperators(
  context: LoweringContext,
  node: GraphNode,
  channels: number,
): { bias: Float32Array | undefined; activation: Activation } {
  const names = stringList(node, 'fused_ops');
  const hasBias = names[0] === 'BiasAdd';
  const [name, ...others] = hasBias ? names.slice(1) : names;
  const bias = hasBias ? constantFloats(context.constant(node, 2)) : undefined;
  if (others.length > 0) throw unsupported(node, `has the fused operators ${names.join(', ')}`);
  switch (name) {
    case undefined:
      return { bias, activation: identity };
    case 'Relu':
      return { bias, activation: { low: 0, high: Number.POSITIVE_INFINITY } };
    case 'Relu6':
      return { bias, activation: { low: 0, high: 6 } };
    case 'Prelu':
      return { bias, activation: { ...identity, slopes: slopesOf(context, node, hasBias ? 3 : 2) } };
    case 'LeakyRelu': {
      const slopes = new Float32Array(channels).fill(leakySlope(node, 'leakyrelu_alpha'));
      return { bias, activation: { ...identity, slopes } };
    }
    default:
      throw unsupported(node, `has the fused operator ${name}`);
  }
}
