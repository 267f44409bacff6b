import { Constant, elementCount } from '../../constant.ts';
import type { GraphNode } from '../../graph-model.ts';
import { binaryFunctions, broadcastBinary, broadcastShape, type Operand } from './host-arithmetic.ts';
import { lowerActivation } from './lower-activations.ts';
import { emitHost } from './lower-host.ts';
import type { LoweringContext } from './lowering-context.ts';
import { inputName, unsupported } from './node-attributes.ts';
import type { View } from './program.ts';
import { createTensor, identity } from './views.ts';

/** Lowers an operator on two tensors, one of which may be constant. */
export function lowerArithmetic(context: LoweringContext, node: GraphNode): View {
  const isConstant = [0, 1].map((index) => context.isConstant(inputName(node, index)));
  if (!isConstant[0] && !isConstant[1]) return lowerProduct(context, node) ?? lowerBroadcast(context, node);
  const index = isConstant[1] ? 1 : 0;
  const constant = context.constant(node, index);
  return (
    lowerClamp(context, node, constant, index) ??
    lowerChannelScale(context, node, constant, index) ??
    lowerBroadcast(context, node)
  );
}

/** A maximum or a minimum with one value is an activation. */
function lowerClamp(context: LoweringContext, node: GraphNode, { values }: Constant, index: number): View | undefined {
  const [limit = 0] = values;
  if (values.length !== 1 || index !== 1) return undefined;
  if (node.op === 'Maximum') return lowerActivation(context, node, { low: limit, high: Number.POSITIVE_INFINITY });
  if (node.op === 'Minimum') return lowerActivation(context, node, { low: Number.NEGATIVE_INFINITY, high: limit });
}

/** A factor and a summand for each channel of an image: a depthwise convolution with windows of one pixel. */
function lowerChannelScale(
  context: LoweringContext,
  node: GraphNode,
  constant: Constant,
  index: number,
): View | undefined {
  const input = context.input(node, 1 - index);
  const [, , channels = 0] = input.shape;
  const count = constant.values.length;
  const isVector = count === channels && constant.shape.at(-1) === channels;
  const scale = channelScale(node.op, index);
  if (input.shape.length !== 3 || !scale || !(isVector || count === 1)) return undefined;
  const at = (i: number) => constant.values[count === 1 ? 0 : i] as number;
  const factors = Float32Array.from({ length: channels }, (_, i) => scale(at(i)).factor);
  const bias = Float32Array.from({ length: channels }, (_, i) => scale(at(i)).summand);
  const aligned = context.materialised(context.vectorAligned(input));
  const output = createTensor(aligned.shape[0] ?? 0, aligned.shape[1] ?? 0, channels);
  const filter = new Constant([1, 1, channels, 1], 'float32', { encoding: 'plain', values: factors });
  return context.emit({
    kind: 'depthwise',
    input: aligned,
    filter,
    bias,
    strides: [1, 1],
    activation: identity,
    output,
  });
}

/** The factor and the summand of x that an operator with a constant stands for. @param index the constant operand. */
function channelScale(
  op: string,
  index: number,
): ((constant: number) => { factor: number; summand: number }) | undefined {
  switch (op) {
    case 'Mul':
      return (factor) => ({ factor, summand: 0 });
    case 'RealDiv':
      return index === 1 ? (divisor) => ({ factor: 1 / divisor, summand: 0 }) : undefined;
    case 'Add':
    case 'AddV2':
    case 'BiasAdd':
      return (summand) => ({ factor: 1, summand });
    case 'Sub':
      return (constant) => (index === 1 ? { factor: 1, summand: -constant } : { factor: -1, summand: constant });
  }
}

/** The product of two images, or of an image and one value for each channel. */
function lowerProduct(context: LoweringContext, node: GraphNode): View | undefined {
  const operands = [context.input(node, 0), context.input(node, 1)];
  const [left, right] = operands.sort((a, b) => elementCount(b.shape) - elementCount(a.shape)) as [View, View];
  const [height = 0, width = 0, channels = 0] = left.shape;
  const isGate = String(right.shape) === String([1, 1, channels]);
  const isImage = left.shape.length === 3 && (isGate || String(right.shape) === String(left.shape));
  if (node.op !== 'Mul' || !isImage) return undefined;
  const output = createTensor(height, width, channels);
  const [a, b] = [context.materialised(left), context.materialised(right)];
  return context.emit({ kind: 'product', left: a, right: b, activation: identity, output });
}

/** Any other operator on two tensors, in JavaScript. */
function lowerBroadcast(context: LoweringContext, node: GraphNode): View {
  const apply = binaryFunctions[node.op] as (a: number, b: number) => number;
  const views: View[] = [];
  const computed = [0, 1].find((index) => !context.isConstant(inputName(node, index))) as number;
  const { length: rank } = context.input(node, computed).shape;
  const operand = (index: number): Operand => {
    const name = inputName(node, index);
    if (context.isConstant(name)) return constantOperand(node, context.constant(node, index), rank);
    const view = context.contiguous(context.view(name), name);
    views.push(view);
    return { shape: view.shape, constant: undefined };
  };
  const operands = [operand(0), operand(1)] as const;
  const shape = broadcastShape(operands[0].shape, operands[1].shape);
  if (!shape) throw unsupported(node, 'has operands whose shapes do not fit');
  return emitHost(context, views, { compute: broadcastBinary(apply, operands, shape), shape });
}

/** A constant with the axes of the other operand, without the batch axis. */
function constantOperand(node: GraphNode, { shape, values }: Constant, rank: number): Operand {
  const aligned = [...new Array<number>(Math.max(0, rank + 1 - shape.length)).fill(1), ...shape];
  const [batch, ...sizes] = aligned;
  if (batch !== 1 || sizes.length !== rank) throw unsupported(node, 'has a constant of another shape');
  return { shape: sizes, constant: values };
}
