import { type Constant, elementCount } from '../../constant.ts';
import type { GraphNode } from '../../graph-model.ts';
import { lowerHost } from './lower-host.ts';
import type { LoweringContext } from './lowering-context.ts';
import { inputName, leakySlope, unsupported } from './node-attributes.ts';
import type { Activation, View } from './program.ts';
import { createTensor, identity, isIdentity, viewOf } from './views.ts';

/** Lowers `Add`, `AddV2` and `BiasAdd`; a sum with a convolution becomes the convolution's residual. */
export function lowerAdd(context: LoweringContext, node: GraphNode): View {
  if (context.isConstant(inputName(node, 1))) return lowerAddConstant(context, node);
  const [left, right] = [context.input(node, 0), context.input(node, 1)];
  if (String(left.shape) !== String(right.shape) || left.shape.length !== 3) {
    throw unsupported(node, 'adds tensors of different shapes');
  }
  for (const [index, residual] of [
    [1, left],
    [0, right],
  ] as const) {
    const convolution = context.fusibleProducer(node, index, 'convolution');
    if (!convolution || convolution.residual || !isIdentity(convolution.activation)) continue;
    const aligned = context.vectorAligned(residual);
    // The convolution now depends on the residual.
    context.moveToEnd(convolution);
    convolution.residual = aligned;
    return viewOf(convolution.output);
  }
  const [height = 0, width = 0, channels = 0] = left.shape;
  const output = createTensor(height, width, channels);
  return context.emit({ kind: 'sum', left, right, activation: identity, output });
}

/** Fuses an added constant into the bias of the convolution before it; otherwise adds it in JavaScript. */
function lowerAddConstant(context: LoweringContext, node: GraphNode): View {
  const constant = context.constant(node, 1);
  const producer = context.fusibleProducer(node, 0, 'convolution') ?? context.fusibleProducer(node, 0, 'depthwise');
  const fits = elementCount(constant.shape) === producer?.output.channels;
  if (!producer || !fits || !isIdentity(producer.activation)) return lowerHost(context, node);
  const { bias } = producer;
  producer.bias = constantFloats(constant).map((value, i) => value + (bias?.[i] ?? 0));
  return context.input(node);
}

/** Fuses an activation into the operation before it, or emits an operation for it. */
export function lowerActivation(context: LoweringContext, node: GraphNode, activation: Activation): View {
  for (const kind of ['convolution', 'depthwise', 'sum'] as const) {
    const producer = context.fusibleProducer(node, 0, kind);
    if (!producer || !isIdentity(producer.activation)) continue;
    producer.activation = activation;
    return context.input(node);
  }
  const left = context.imageInput(node);
  const [height = 0, width = 0, channels = 0] = left.shape;
  const output = createTensor(height, width, channels);
  return context.emit({ kind: 'sum', left, right: undefined, activation, output });
}

/** Lowers `LeakyRelu`: a PReLU with the same slope for each channel. */
export function lowerLeakyRelu(context: LoweringContext, node: GraphNode): View {
  const channels = context.input(node).shape.at(-1) ?? 0;
  const slopes = new Float32Array(channels).fill(leakySlope(node, 'alpha'));
  return lowerActivation(context, node, { ...identity, slopes });
}

/** The slopes of a PReLU, one for each channel. */
export function slopesOf(context: LoweringContext, node: GraphNode, index: number): Float32Array {
  const slopes = context.constant(node, index);
  if (elementCount(slopes.shape) !== slopes.shape.at(-1)) {
    throw unsupported(node, 'has slopes that differ within a channel');
  }
  return constantFloats(slopes);
}

/** The values of a constant as floats. */
export function constantFloats({ values }: Constant): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}
