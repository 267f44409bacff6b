import { type Constant, elementCount } from '../../constant.ts';
import type { GraphNode } from '../../graph-model.ts';
import { elementwise } from './host-functions.ts';
import { emitHost } from './lower-host.ts';
import type { LoweringContext } from './lowering-context.ts';
import { inputName, leakySlope, unsupported } from './node-attributes.ts';
import type { Activation, View } from './program.ts';
import { createTensor, identity, isIdentity } from './views.ts';

/** Fuses an activation into the operation before it, or emits an operation for it. */
export function lowerActivation(context: LoweringContext, node: GraphNode, activation: Activation): View {
  for (const kind of ['convolution', 'depthwise', 'sum', 'product'] as const) {
    const producer = context.fusibleProducer(node, 0, kind);
    const composed = producer && composedActivation(producer.activation, activation);
    if (!composed) continue;
    producer.activation = composed;
    return context.input(node);
  }
  const left = context.input(node);
  if (left.shape.length !== 3) return lowerVectorActivation(context, node, activation);
  const [height = 0, width = 0, channels = 0] = left.shape;
  const output = createTensor(height, width, channels);
  return context.emit({ kind: 'sum', left, right: undefined, activation, output });
}

/** An activation after another one; undefined if they are not one. Limits after an activation only tighten its limits. */
function composedActivation(first: Activation, second: Activation): Activation | undefined {
  if (isIdentity(first)) return second;
  if (second.slopes) return undefined;
  const limit = (value: number) => Math.min(Math.max(value, second.low), second.high);
  return { ...first, low: limit(first.low), high: limit(first.high) };
}

/** An activation of a tensor that is not an image, in JavaScript. */
function lowerVectorActivation(context: LoweringContext, node: GraphNode, { low, high, slopes }: Activation): View {
  const input = context.contiguous(context.input(node), inputName(node));
  const slope = (i: number) => slopes?.[i % slopes.length] ?? 1;
  const compute = elementwise((value, i) => Math.min(Math.max(value < 0 ? value * slope(i) : value, low), high));
  return emitHost(context, [input], { compute, shape: input.shape });
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
