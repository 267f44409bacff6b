import { elementCount } from '../../constant.ts';
import type { GraphNode } from '../../graph-model.ts';
import { constantFloats } from './lower-activations.ts';
import { lowerArithmetic } from './lower-arithmetic.ts';
import type { LoweringContext } from './lowering-context.ts';
import { inputName } from './node-attributes.ts';
import type { View } from './program.ts';
import { createTensor, identity, isIdentity, viewOf } from './views.ts';

/** Lowers `Add`, `AddV2` and `BiasAdd`; a sum with a convolution becomes the convolution's residual. */
export function lowerAdd(context: LoweringContext, node: GraphNode): View {
  if (context.isConstant(inputName(node, 1))) return lowerAddConstant(context, node);
  if (context.isConstant(inputName(node, 0))) return lowerArithmetic(context, node);
  const [left, right] = [context.input(node, 0), context.input(node, 1)];
  if (String(left.shape) !== String(right.shape) || left.shape.length !== 3) return lowerArithmetic(context, node);
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

/** Fuses an added constant into the bias of the convolution before it; otherwise adds it in an operation of its own. */
function lowerAddConstant(context: LoweringContext, node: GraphNode): View {
  const constant = context.constant(node, 1);
  const producer = context.fusibleProducer(node, 0, 'convolution') ?? context.fusibleProducer(node, 0, 'depthwise');
  const fits = elementCount(constant.shape) === producer?.output.channels;
  if (!producer || !fits || !isIdentity(producer.activation)) return lowerArithmetic(context, node);
  const { bias } = producer;
  producer.bias = constantFloats(constant).map((value, i) => value + (bias?.[i] ?? 0));
  return context.input(node);
}
