import { type GraphModel, type GraphNode, nodeName } from '../../graph-model.ts';
import { unaryFunctions } from './host-arithmetic.ts';
import { lowerActivation, lowerLeakyRelu, slopesOf } from './lower-activations.ts';
import { lowerArithmetic } from './lower-arithmetic.ts';
import { lowerConvolution, lowerDepthwise, lowerMatMul } from './lower-convolutions.ts';
import { lowerHost } from './lower-host.ts';
import { lowerMean, lowerPad, lowerPlaceholder, lowerPool, lowerReshape, lowerResize } from './lower-images.ts';
import { lowerAdd } from './lower-sums.ts';
import { LoweringContext } from './lowering-context.ts';
import { UnsupportedOperatorError, unsupported } from './node-attributes.ts';
import type { Program, View } from './program.ts';
import { identity } from './views.ts';

/** Emits the operations of a node, if any, and returns the view of its result. */
type LowerNode = (context: LoweringContext, node: GraphNode) => View;

/** Further operators that are computed in JavaScript. */
const hostOperators = [
  ...['ConcatV2', 'DepthToSpace', 'Max', 'Min', 'ResizeNearestNeighbor', 'Slice', 'Softmax', 'StridedSlice', 'Sum'],
  'Transpose',
];

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
  LeakyRelu: lowerLeakyRelu,
  Prelu: (context, node) => lowerActivation(context, node, { ...identity, slopes: slopesOf(context, node, 1) }),
  MaxPool: lowerPool,
  AvgPool: lowerPool,
  Mean: lowerMean,
  Pad: lowerPad,
  PadV2: lowerPad,
  ResizeBilinear: lowerResize,
  Reshape: lowerReshape,
  Squeeze: lowerReshape,
  ...Object.fromEntries(['Mul', 'Sub', 'RealDiv', 'Maximum', 'Minimum', 'Pow'].map((op) => [op, lowerArithmetic])),
  ...Object.fromEntries([...Object.keys(unaryFunctions), ...hostOperators].map((op) => [op, lowerHost])),
};

/**
 * Lowers a graph model to a program for the kernels. Nodes that the outputs do not depend on are dropped; bias,
 * residual and activation are fused into the convolution before them; padding and reshaping become views, which cost
 * nothing.
 *
 * @throws {UnsupportedOperatorError} with all nodes for which the kernels lack the operator, or this form of it.
 */
export function lower(model: GraphModel, inputName: string, outputNames: readonly string[]): Program {
  const context = new LoweringContext(model, outputNames);
  const errors: UnsupportedOperatorError[] = [];
  // Nodes without a result: those with an error, and those that depend on them.
  const failed = new Set<string>();
  for (const node of context.nodes) {
    const dependsOnFailed = (node.input ?? []).some((input) => failed.has(nodeName(input)));
    try {
      const view = lowerNode(context, node, dependsOnFailed);
      if (view) context.setView(node.name, view);
      else failed.add(node.name);
    } catch (error) {
      if (!(error instanceof UnsupportedOperatorError)) throw error;
      errors.push(error);
      failed.add(node.name);
    }
  }
  if (errors.length > 0) throw joined(errors);
  return context.program(inputName, outputNames);
}

/** Lowers a node; undefined if it depends on a node that failed. */
function lowerNode(context: LoweringContext, node: GraphNode, dependsOnFailed: boolean): View | undefined {
  const lowerOperator = Object.hasOwn(operators, node.op) ? operators[node.op] : undefined;
  if (!lowerOperator) throw unsupported(node, 'is not implemented');
  return dependsOnFailed ? undefined : lowerOperator(context, node);
}

function joined(errors: readonly UnsupportedOperatorError[]): UnsupportedOperatorError {
  return new UnsupportedOperatorError(
    errors.map(({ message }) => message).join('; '),
    errors.flatMap(({ operators }) => operators),
  );
}
