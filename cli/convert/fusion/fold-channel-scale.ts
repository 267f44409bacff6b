import type { Attribute, Node } from '../graph/graph-model.ts';
import { perChannel } from './channel-constant.ts';
import { channelScale } from './channel-scale.ts';
import type { FloatConstant, GraphEditor } from './graph-editor.ts';
import { tensorShape } from './tensor-shape.ts';

/** The operators that have a filter, and their forms with a bias. */
const forms: Record<string, string> = {
  Conv2D: '_FusedConv2D',
  _FusedConv2D: '_FusedConv2D',
  DepthwiseConv2dNative: 'FusedDepthwiseConv2dNative',
  FusedDepthwiseConv2dNative: 'FusedDepthwiseConv2dNative',
  MatMul: '_FusedMatMul',
  _FusedMatMul: '_FusedMatMul',
};

/** The scale of a tensor's channels. */
interface Scale {
  /** One value, or one for each channel. */
  values: readonly number[];
  channels: number;
}

/**
 * Folds the scale and shift of channels into the filter and the bias of the convolution, depthwise convolution or matrix product that
 * computes them. No other node may read its result.
 *
 * @returns the node with its filter and bias that replaces the scale and shift.
 */
export function foldedChannelScale(graph: GraphEditor, node: Node): Node | undefined {
  const affine = channelScale(graph, node);
  const producer = graph.node(affine?.input);
  const channels = tensorShape(graph, affine?.input)?.channels;
  if (!affine || !producer || !channels || !canFold(producer) || !graph.hasOneReader(producer.name)) return undefined;
  const [input = '', filter = '', biasNode] = producer.input;
  const bias = biasNode === undefined ? [0] : channelBias(graph, biasNode, channels);
  const scaled = bias && scaledFilter(graph, `${node.name}/filter`, filter, { values: affine.scale, channels });
  if (!bias || !scaled) return undefined;
  const sum = perChannel(
    perChannel(bias, affine.scale, (a, b) => a * b),
    affine.shift,
    (a, b) => a + b,
  );
  const values = Float32Array.from({ length: channels }, (_, i) => sum[sum.length === 1 ? 0 : i] as number);
  const offset = graph.addFloats(`${node.name}/bias`, [channels], values);
  graph.remove(producer.name);
  const op = forms[producer.op] as string;
  return { name: node.name, op, input: [input, scaled, offset], attr: { ...producer.attr, ...biasAttributes } };
}

const biasAttributes: Record<string, Attribute> = {
  fused_ops: { list: { s: [btoa('BiasAdd')] } },
  num_args: { i: '1' },
  epsilon: { f: 0 },
};

/** Whether a node is a product with a filter, without an activation, whose channels are its last axis. */
function canFold({ op, attr, input }: Node): boolean {
  const {
    fused_ops: fused,
    data_format: layout,
    transpose_b: transposed,
  } = attr as {
    fused_ops?: { list?: { s?: string[] } };
    data_format?: { s?: string };
    transpose_b?: { b?: boolean };
  };
  const hasBias = input.length === 3 && fused?.list?.s?.join() === btoa('BiasAdd');
  const hasNone = input.length === 2 && (fused?.list?.s ?? []).length === 0;
  const channelsFirst = layout?.s === btoa('NCHW');
  return Object.hasOwn(forms, op) && (hasBias || hasNone) && !channelsFirst && !transposed?.b;
}

function channelBias(graph: GraphEditor, reference: string, channels: number): readonly number[] | undefined {
  const bias = graph.floats(reference)?.values;
  return bias?.length === channels ? [...bias] : undefined;
}

/** A filter times a scale of its output channels; undefined if the filter is not constant. */
function scaledFilter(
  graph: GraphEditor,
  name: string,
  filter: string,
  { values, channels }: Scale,
): string | undefined {
  const constant = graph.floats(filter);
  if (values.every((value) => value === 1)) return filter;
  if (!constant) return undefined;
  const scale = Float32Array.from({ length: channels }, (_, i) => values[values.length === 1 ? 0 : i] as number);
  // A product of constants keeps the smaller type of the filter. The library evaluates it for a scale of the last axis.
  if (constant.isQuantized && constant.shape.at(-1) === channels) {
    const shape = [...constant.shape.slice(1).map(() => 1), channels];
    return graph.addProduct(name, [filter, graph.addFloats(`${name}/scale`, shape, scale)]);
  }
  return graph.addFloats(name, [...constant.shape], scaledValues(constant, scale));
}

/** The output channels are the last axis of a filter, or the last two of a depthwise filter. */
function scaledValues({ values }: FloatConstant, scale: Float32Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(values, (value, i) => value * (scale[i % scale.length] as number));
}
