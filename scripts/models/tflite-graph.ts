import { GraphBuilder, type GraphModel, type Weight } from './graph.ts';
import { type Constant, type Operator, type OperatorName, Tflite } from './tflite.ts';

/** Values of the schema's enumerations. */
const paddings = ['SAME', 'VALID'] as const;
const activations = [undefined, 'Relu', undefined, 'Relu6'] as const;

/**
 * A BlazeFace network in a .tflite file, as a TensorFlow.js graph model of the same operations and weights.
 *
 * In: `image` [n, height, width, 3], already normalised. Out: `regressors` [n, anchors, 16] and `classificators`
 * [n, anchors, 1].
 *
 * @throws {Error} for an operator that BlazeFace does not use.
 */
export function convertTflite(bytes: Uint8Array): GraphModel {
  const tflite = new Tflite(bytes);
  const graph = new GraphBuilder();
  const [input] = tflite.inputs as [number];
  const nodes = new Map([[input, graph.input('image', [-1, ...tflite.shape(input).slice(1)])]]);
  for (const operator of tflite.operators) {
    nodes.set(operator.output, converters[operator.name]({ tflite, graph, nodes, operator }));
  }
  return graph.build();
}

/** What the conversion of one operator has at hand. */
interface Context {
  tflite: Tflite;
  graph: GraphBuilder;
  /** The node that holds each tensor computed so far. */
  nodes: Map<number, string>;
  operator: Operator;
}

/** Each returns the node that holds the operator's output. */
const converters: Record<OperatorName, (context: Context) => string> = {
  CONV_2D: (context) => convolution(context, false),
  DEPTHWISE_CONV_2D: (context) => convolution(context, true),
  PAD(context) {
    const { graph, tflite, operator } = context;
    if (isAbsorbed(operator, tflite)) return input(context);
    return graph.op(name(context), 'Pad', [input(context), constant(context, 1, 'paddings')]);
  },
  RELU(context) {
    const { graph, tflite, operator } = context;
    const producer = tflite.operators.find(({ output }) => output === operator.inputs[0]);
    if (producer && fusedRelu(producer, tflite) === operator) return input(context);
    return graph.op(name(context), 'Relu', [input(context)]);
  },
  ADD(context) {
    const sum = (node: string) => context.graph.op(node, 'AddV2', [input(context), input(context, 1)]);
    const activation = activations[context.operator.options.byte(0)];
    if (!activation) return sum(name(context));
    return context.graph.op(name(context), activation, [sum(`${name(context)}/sum`)]);
  },
  MAX_POOL_2D(context) {
    const { options } = context.operator;
    const padding = paddings[options.byte(0)] as 'SAME' | 'VALID';
    return context.graph.pool(name(context), input(context), 'MaxPool', options.int(3), options.int(1), padding);
  },
  RESIZE_BILINEAR(context) {
    const { options } = context.operator;
    return context.graph.op(name(context), 'ResizeBilinear', [input(context), constant(context, 1, 'size')], {
      align_corners: { b: options.byte(2) === 1 },
      half_pixel_centers: { b: options.byte(3) === 1 },
    });
  },
  DEPTH_TO_SPACE(context) {
    const { graph, operator } = context;
    return graph.depthToSpace(name(context), input(context), operator.options.int(0));
  },
  RESHAPE(context) {
    const { graph, tflite, operator } = context;
    const shape = [-1, ...tflite.shape(operator.output).slice(1)];
    const target = graph.integers(`${name(context)}/shape`, [shape.length], shape);
    return graph.op(name(context), 'Reshape', [input(context), target]);
  },
  CONCATENATION(context) {
    const { graph, operator } = context;
    const axis = graph.integers(`${name(context)}/axis`, [], [operator.options.int(0)]);
    const parts = operator.inputs.map((_, i) => input(context, i));
    return graph.op(name(context), 'ConcatV2', [...parts, axis], { N: { i: String(parts.length) } });
  },
  DEQUANTIZE: notComputed,
  DENSIFY: notComputed,
};

function notComputed(): never {
  throw new Error('A constant is resolved where it is read, not computed.');
}

/** The name of the operator's node: the two outputs have names of their own. */
function name({ tflite, operator: { output } }: Context): string {
  if (!tflite.outputs.includes(output)) return `t${output}`;
  return tflite.shape(output).at(-1) === 16 ? 'regressors' : 'classificators';
}

/** The node that holds the operator's input. */
function input({ nodes, operator }: Context, index = 0): string {
  const tensor = operator.inputs[index] as number;
  const node = nodes.get(tensor);
  if (node === undefined) throw new Error(`Tensor ${tensor} is read before it is computed.`);
  return node;
}

/** A constant input of the operator, as a node of its own. */
function constant(context: Context, index: number, label: string, layout = (stored: Constant) => stored): string {
  const stored = layout(context.tflite.constant(context.operator.inputs[index] as number));
  return context.graph.constant(`${name(context)}/${label}`, weight(stored));
}

/** float16 stays float16: it is what was stored, and half the bytes. */
function weight({ shape, values }: Constant): Weight {
  if (values instanceof Uint16Array) return { shape, dtype: 'float32', values, quantization: 'float16' };
  return values instanceof Int32Array ? { shape, dtype: 'int32', values } : { shape, dtype: 'float32', values };
}

function convolution(context: Context, depthwise: boolean): string {
  const { graph, tflite, operator } = context;
  const { options } = operator;
  const activation = activations[options.byte(depthwise ? 4 : 3)] ?? (fusedRelu(operator, tflite) && 'Relu');
  const padding = tflite.operators.find(({ output }) => output === operator.inputs[0]);
  return graph.convolution(
    name(context),
    input(context),
    constant(context, 1, 'filter', depthwise ? depthwiseFilter : filter),
    constant(context, 2, 'bias'),
    {
      depthwise,
      stride: options.int(1),
      padding: padding && isAbsorbed(padding, tflite) ? 'SAME' : (paddings[options.byte(0)] as 'SAME' | 'VALID'),
      ...(activation && { activation }),
    },
  );
}

/** The ReLU right behind a convolution that nothing else reads: the two become one node. */
function fusedRelu(producer: Operator, tflite: Tflite): Operator | undefined {
  const consumer = onlyConsumer(producer, tflite);
  return consumer?.name === 'RELU' && /CONV_2D$/.test(producer.name) ? consumer : undefined;
}

/** Whether a padding of one pixel all around is what a 3×3 convolution of stride 1 behind it does by itself as "SAME". */
function isAbsorbed(operator: Operator, tflite: Tflite): boolean {
  const consumer = onlyConsumer(operator, tflite);
  if (operator.name !== 'PAD' || !consumer || !/CONV_2D$/.test(consumer.name)) return false;
  const pads = tflite.constant(operator.inputs[1] as number).values.join();
  const [, height, width] = tflite.shape(consumer.inputs[1] as number);
  return pads === '0,0,1,1,1,1,0,0' && height === 3 && width === 3 && consumer.options.int(1) === 1;
}

function onlyConsumer({ output }: Operator, { operators }: Tflite): Operator | undefined {
  const consumers = operators.filter(({ inputs }) => inputs.includes(output));
  return consumers.length === 1 ? consumers[0] : undefined;
}

/** [out, height, width, in] → [height, width, in, out]. */
function filter({ shape, values }: Constant): Constant {
  const [out, height, width, channels] = shape as [number, number, number, number];
  const turned = values.slice();
  const inside = height * width * channels;
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < inside; i++) turned[i * out + o] = values[o * inside + i] as number;
  }
  return { shape: [height, width, channels, out], values: turned };
}

/** [1, height, width, channels] → [height, width, channels, 1]: the same order of values. */
function depthwiseFilter({ shape: [, height, width, channels], values }: Constant): Constant {
  return { shape: [height, width, channels, 1] as number[], values };
}
