import type { Node } from '../graph/graph-model.ts';
import type { GraphEditor } from './graph-editor.ts';

/** What is known about the shape of a node's result. */
export interface TensorShape {
  rank: number;
  /** The size of the last axis. */
  channels: number;
}

/** Operators whose result has the rank and the channels of their first input. */
const shapePreserving = new Set([
  ...['Identity', 'BiasAdd', 'FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3', 'MaxPool', 'AvgPool'],
  ...['Relu', 'Relu6', 'Prelu', 'LeakyRelu', 'Elu', 'Swish', 'HardSwish', 'Sigmoid', 'Tanh', 'Neg', 'Abs'],
]);

/** Operators on two tensors, with broadcasting. */
const binary = new Set(['Add', 'AddV2', 'Sub', 'Mul', 'RealDiv', 'Maximum', 'Minimum']);

/** The shapes computed so far: without them, the time would be exponential in the number of sums. */
const shapes = new WeakMap<Node, TensorShape | undefined>();

/** The rank and the channels of a node's result; undefined if they are not known. */
export function tensorShape(graph: GraphEditor, reference: string | undefined): TensorShape | undefined {
  const node = graph.node(reference);
  if (!node) return undefined;
  if (!shapes.has(node)) shapes.set(node, computeShape(graph, node));
  return shapes.get(node);
}

function computeShape(graph: GraphEditor, node: Node): TensorShape | undefined {
  const { op, input } = node;
  const constant = graph.constantShape(node.name);
  if (constant) return { rank: constant.length, channels: constant.at(-1) ?? 1 };
  if (op === 'Placeholder') return inputShape(node);
  if (shapePreserving.has(op)) return tensorShape(graph, input[0]);
  if (binary.has(op)) return broadcast(tensorShape(graph, input[0]), tensorShape(graph, input[1]));
  return productShape(graph, node);
}

/** The shape of the result of a convolution or of a matrix product, from the shape of its filter. */
function productShape(graph: GraphEditor, { op, input, attr }: Node): TensorShape | undefined {
  const [a = 0, b = 0, c = 0, d = 0] = graph.constantShape(input[1]) ?? [];
  switch (op) {
    case 'Conv2D':
    case '_FusedConv2D':
      return known({ rank: 4, channels: d });
    case 'DepthwiseConv2dNative':
    case 'FusedDepthwiseConv2dNative':
      return known({ rank: 4, channels: c * d });
    case 'MatMul':
    case '_FusedMatMul': {
      const { transpose_b: transposed } = attr as { transpose_b?: { b?: boolean } };
      return known({ rank: 2, channels: transposed?.b ? a : b });
    }
  }
}

function known(shape: TensorShape): TensorShape | undefined {
  return shape.channels > 0 ? shape : undefined;
}

function inputShape({ attr }: Node): TensorShape | undefined {
  const { shape } = attr as { shape?: { shape?: { dim?: { size: string }[] } } };
  const dim = shape?.shape?.dim ?? [];
  return known({ rank: dim.length, channels: Number(dim.at(-1)?.size ?? 0) });
}

function broadcast(left: TensorShape | undefined, right: TensorShape | undefined): TensorShape | undefined {
  if (!left || !right) return undefined;
  return { rank: Math.max(left.rank, right.rank), channels: Math.max(left.channels, right.channels) };
}
