import type { Node } from '../graph/graph-model.ts';
import { channelConstant, perChannel } from './channel-constant.ts';
import type { GraphEditor } from './graph-editor.ts';
import { type TensorShape, tensorShape } from './tensor-shape.ts';

/** The function scale · x + shift of a tensor x, with one value or one for each channel. */
export interface ChannelScale {
  /** The node of x. */
  input: string;
  scale: readonly number[];
  shift: readonly number[];
}

const batchNormalisation = new Set(['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3']);

/** The scale and shift of channels that a node computes; undefined for another node. */
export function channelScale(graph: GraphEditor, node: Node): ChannelScale | undefined {
  const { op, input } = node;
  if (batchNormalisation.has(op)) return normalisation(graph, node);
  const [left = '', right = '', ...others] = input;
  if (others.length > 0) return undefined;
  const [first, second] = [tensorShape(graph, left), tensorShape(graph, right)];
  // Only a constant of fewer or equally many channels leaves the shape of the other operand.
  const constant = second && channelConstant(graph, left, second);
  if (constant) return withLeftConstant(op, constant, right);
  const values = first && channelConstant(graph, right, first);
  return values && withRightConstant(op, left, values);
}

function withLeftConstant(op: string, constant: readonly number[], input: string): ChannelScale | undefined {
  if (op === 'Sub') return { input, scale: [-1], shift: constant };
  return op === 'RealDiv' || op === 'BiasAdd' ? undefined : withRightConstant(op, input, constant);
}

function withRightConstant(op: string, input: string, constant: readonly number[]): ChannelScale | undefined {
  switch (op) {
    case 'Mul':
      return { input, scale: constant, shift: [0] };
    case 'RealDiv':
      return { input, scale: constant.map((value) => 1 / value), shift: [0] };
    case 'Add':
    case 'AddV2':
    case 'BiasAdd':
      return { input, scale: [1], shift: constant };
    case 'Sub':
      return { input, scale: [1], shift: constant.map((value) => -value) };
  }
}

/** Batch normalisation with the statistics of training. */
function normalisation(graph: GraphEditor, { name, input, attr }: Node): ChannelScale | undefined {
  const [x = '', ...parameters] = input;
  const { is_training: training, epsilon } = attr as { is_training?: { b?: boolean }; epsilon?: { f?: number } };
  const shape = tensorShape(graph, x);
  if (!shape || training?.b || graph.readsFurtherOutputs(name)) return undefined;
  const [gamma, beta, mean, variance] = parameters.map((parameter) => vector(graph, parameter, shape));
  if (!gamma || !beta || !mean || !variance) return undefined;
  // The default of TensorFlow's operator definition.
  const offset = epsilon?.f ?? 1e-4;
  const scale = perChannel(gamma, variance, (a, b) => a / Math.sqrt(b + offset));
  const centre = perChannel(mean, scale, (a, b) => a * b);
  return { input: x, scale, shift: perChannel(beta, centre, (a, b) => a - b) };
}

function vector(graph: GraphEditor, reference: string, shape: TensorShape): readonly number[] | undefined {
  const values = channelConstant(graph, reference, shape);
  return values?.length === shape.channels ? values : undefined;
}
