import type { GraphModel, GraphNode } from '../../graph-model.ts';
import { lowerConvolution, lowerDepthwise, lowerMatMul } from './lower-convolutions.ts';
import { lowerHost } from './lower-host.ts';
import { lowerMean, lowerPad, lowerPlaceholder, lowerPool, lowerReshape, lowerResize } from './lower-images.ts';
import { lowerActivation, lowerAdd, slopesOf } from './lower-sums-and-activations.ts';
import { LoweringContext } from './lowering-context.ts';
import { unsupported } from './node-attributes.ts';
import type { Program, View } from './program.ts';
import { identity } from './views.ts';

/** Emits the operations of a node, if any, and returns the view of its result. */
type LowerNode = (context: LoweringContext, node: GraphNode) => View;

/** The operators that the kernels support. */
const operators: Record<string, LowerNode> = {
  Placeholder: lowerPlaceholder,
  Identity: (context, node) => context.input(node),
  Conv2D: lowerConvolution,
  _FusedConv2D: lowerConvolution,
  DepthwiseConv2dNative: lowerDepthwise,
  FusedDepthwiseConv2dNative: lowerDepthwise,
  MatMul: lowerMatMul,
  _FusedMatMul: lowerMatMul,
  Add: lowerAdd,
  AddV2: lowerAdd,
  BiasAdd: lowerAdd,
  Relu: (context, node) => lowerActivation(context, node, { low: 0, high: Number.POSITIVE_INFINITY }),
  Relu6: (context, node) => lowerActivation(context, node, { low: 0, high: 6 }),
  Prelu: (context, node) => lowerActivation(context, node, { ...identity, slopes: slopesOf(context, node, 1) }),
  MaxPool: lowerPool,
  AvgPool: lowerPool,
  Mean: lowerMean,
  Pad: lowerPad,
  PadV2: lowerPad,
  ResizeBilinear: lowerResize,
  Reshape: lowerReshape,
  Squeeze: lowerReshape,
  DepthToSpace: lowerHost,
  ConcatV2: lowerHost,
  Slice: lowerHost,
  Mul: lowerHost,
  Exp: lowerHost,
  Sigmoid: lowerHost,
  Softmax: lowerHost,
};

/**
 * Lowers a graph model to a program for the kernels. Nodes that the outputs do not depend on are dropped; bias,
 * residual and activation are fused into the convolution before them; padding and reshaping become views, which cost
 * nothing.
 *
 * @throws {UnsupportedOperatorError} when the kernels lack an operator, or this form of it.
 */
export function lower(model: GraphModel, inputName: string, outputNames: readonly string[]): Program {
  const context = new LoweringContext(model, outputNames);
  for (const node of context.nodes) {
    const lowerNode = Object.hasOwn(operators, node.op) ? operators[node.op] : undefined;
    if (!lowerNode) throw unsupported(node, 'is not implemented');
    context.setView(node.name, lowerNode(context, node));
  }
  return context.program(inputName, outputNames);
}
