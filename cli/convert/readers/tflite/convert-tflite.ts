import { GraphBuilder, type GraphModel, type Weight } from '../../graph/graph-builder.ts';
import { type Constant, type Operator, Tflite } from './tflite-file.ts';
import type { BuiltinOperator } from './schema.ts';

/** Values of the schema's enumerations. */
const paddings = ['SAME', 'VALID'] as const;
const activations = [undefined, 'Relu', 'RELU_N1_TO_1', 'Relu6', 'TANH', 'SIGN_BIT'] as const;

/**
 * A network in a .tflite file, as a TensorFlow.js graph model of the same operations and weights: BlazeFace, or an embedder of the
 * make of Inception-ResNet v1 or MobileFaceNet.
 *
 * In: `image` [n, height, width, 3], already normalised. Out, of BlazeFace: `regressors` [n, anchors, 16] and `classificators`
 * [n, anchors, 1]; of an embedder: `embedding`.
 *
 * @throws {Error} with the name of an operator, or of what it is told, that is not converted.
 */
export function convertTflite(bytes: Uint8Array): GraphModel {
  try {
    return convert(bytes);
  } catch (cause) {
    // Offsets that lead nowhere end in errors of JavaScript's own.
    if (!(cause instanceof TypeError || cause instanceof RangeError)) throw cause;
    throw new Error(`The .tflite file is damaged (${cause.message}): take an undamaged copy.`, { cause });
  }
}

function convert(bytes: Uint8Array): GraphModel {
  const tflite = new Tflite(bytes);
  const graph = new GraphBuilder();
  const [input] = tflite.inputs as [number];
  const nodes = new Map([[input, graph.input('image', [-1, ...tflite.shape(input).slice(1)])]]);
  for (const operator of tflite.operators) {
    const converter = converters[operator.name];
    if (!converter) throw new Error(`The .tflite file has the operator ${operator.name}, which is not converted.`);
    nodes.set(operator.output, converter({ tflite, graph, nodes, operator }));
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

/** Each returns the node that holds the operator's output. Options are read by number, as the schema lists them. */
const converters: Partial<Record<BuiltinOperator, (context: Context) => string>> = {
  CONV_2D: (context) => convolution(context, false),
  DEPTHWISE_CONV_2D: (context) => convolution(context, true),
  PAD(context) {
    const { graph, tflite, operator } = context;
    if (isAbsorbed(operator, tflite)) return input(context);
    return graph.op(name(context), 'Pad', [input(context), constant(context, 1, 'paddings')]);
  },
  RELU(context) {
    const { graph, tflite, operator } = context;
    const producer = tflite.producer(operator.inputs[0] as number);
    if (producer && fusedRelu(producer, tflite) === operator) return input(context);
    return graph.op(name(context), 'Relu', [input(context)]);
  },
  RELU6: elementwise('Relu6', 1),
  PRELU: (context) => context.graph.op(name(context), 'Prelu', [input(context), constant(context, 1, 'alpha')]),
  ABS: elementwise('Abs', 1),
  NEG: elementwise('Neg', 1),
  RSQRT: elementwise('Rsqrt', 1),
  SQUARE: elementwise('Square', 1),
  MAXIMUM: elementwise('Maximum', 2),
  ADD: elementwise('AddV2', 2, 'sum'),
  SUB: elementwise('Sub', 2, 'difference'),
  MUL: elementwise('Mul', 2, 'product'),
  MEAN: reduction('Mean'),
  SUM: reduction('Sum'),
  MAX_POOL_2D: pooling('MaxPool'),
  AVERAGE_POOL_2D: pooling('AvgPool'),
  FULLY_CONNECTED: fullyConnected,
  L2_NORMALIZATION(context) {
    const { tflite, operator } = context;
    // The library brings every embedding to length 1 by itself.
    if (tflite.outputs.has(operator.output)) return input(context);
    throw new Error('The .tflite file has the operator L2_NORMALIZATION before its end, where it is not converted.');
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
  RESHAPE: (context) => reshaped(context, name(context), input(context)),
  SQUEEZE: (context) => reshaped(context, name(context), input(context)),
  CONCATENATION(context) {
    const { graph, operator } = context;
    return activated(context, operator.options.byte(1), (node) => {
      const axis = graph.integers(`${node}/axis`, [], [operator.options.int(0)]);
      const parts = operator.inputs.map((_, i) => input(context, i));
      return graph.op(node, 'ConcatV2', [...parts, axis], { N: { i: String(parts.length) } });
    });
  },
};

/** An operation on one tensor, or on two that are broadcast. The options of those on two begin with the activation. */
function elementwise(op: string, operands: 1 | 2, result = 'linear'): (context: Context) => string {
  return (context) => {
    const { graph, operator } = context;
    const inputs = () => Array.from({ length: operands }, (_, i) => operand(context, i));
    const code = operands === 2 ? operator.options.byte(0) : 0;
    return activated(context, code, (node) => graph.op(node, op, inputs()), result);
  };
}

/** The mean or the sum along axes. */
function reduction(op: 'Mean' | 'Sum'): (context: Context) => string {
  return (context) => {
    const inputs = [input(context), constant(context, 1, 'axes')];
    return context.graph.op(name(context), op, inputs, { keep_dims: { b: context.operator.options.byte(0) === 1 } });
  };
}

function pooling(op: 'MaxPool' | 'AvgPool'): (context: Context) => string {
  return (context) => {
    const { options } = context.operator;
    const [stride, size] = [square(context, 'stride', 1, 2), square(context, 'window', 3, 4)];
    return activated(context, options.byte(5), (node) =>
      context.graph.pool(node, input(context), op, size, stride, paddings[options.byte(0)] as 'SAME' | 'VALID'),
    );
  };
}

/** A product with a matrix, which is stored with a row for each unit; whatever comes in is put into rows before. */
function fullyConnected(context: Context): string {
  const { graph, tflite, operator } = context;
  const { options, inputs, output } = operator;
  if (options.byte(1) !== 0) throw notConverted(context, 'shuffled weights');
  const [, length] = tflite.shape(inputs[1] as number) as [number, number];
  return activated(context, options.byte(0), (node) => {
    const isMatrix = tflite.shape(inputs[0] as number).length === 2;
    const rows = graph.integers(`${node}/rows`, [2], [-1, length]);
    const matrix = constant(context, 1, 'matrix', filter);
    const x = isMatrix ? input(context) : graph.op(`${node}/flat`, 'Reshape', [input(context), rows]);
    const hasBias = (inputs[2] ?? -1) >= 0;
    const asRows = tflite.shape(output).length === 2;
    const product = hasBias || !asRows ? `${node}/product` : node;
    let y = graph.op(product, 'MatMul', [x, matrix], { transpose_a: { b: false }, transpose_b: { b: false } });
    if (hasBias) y = graph.op(asRows ? node : `${node}/offset`, 'AddV2', [y, constant(context, 2, 'bias')]);
    return asRows ? y : reshaped(context, node, y);
  });
}

/** Another shape, of which the first number is the batch. */
function reshaped(context: Context, node: string, x: string): string {
  const { graph, tflite, operator } = context;
  const shape = [-1, ...tflite.shape(operator.output).slice(1)];
  return graph.op(node, 'Reshape', [x, graph.integers(`${node}/shape`, [shape.length], shape)]);
}

/**
 * What an operator computes, and then its activation.
 *
 * @param code of the activation.
 * @param compute adds the node of the given name that computes it.
 * @param result what is computed, as part of that name where an activation follows.
 */
function activated(context: Context, code: number, compute: (node: string) => string, result = 'linear'): string {
  const activation = activationOf(context, code);
  if (!activation) return compute(name(context));
  return context.graph.op(name(context), activation, [compute(`${name(context)}/${result}`)]);
}

function activationOf(context: Context, code: number): 'Relu' | 'Relu6' | undefined {
  const activation = activations[code];
  if (activation === undefined || activation === 'Relu' || activation === 'Relu6') return activation;
  throw notConverted(context, `the activation ${activation}`);
}

/** The one number of a pair of options, width and height. */
function square(context: Context, what: string, width: number, height: number): number {
  const { options } = context.operator;
  if (options.int(width) !== options.int(height)) throw notConverted(context, `a ${what} that is not square`);
  return options.int(width);
}

function notConverted({ operator }: Context, what: string): Error {
  return new Error(`The .tflite file has the operator ${operator.name} with ${what}, which is not converted.`);
}

/** The name of the operator's node: outputs have names of their own. */
function name({ tflite, operator: { output } }: Context): string {
  if (!tflite.outputs.has(output)) return `t${output}`;
  if (tflite.outputs.size === 1) return 'embedding';
  return tflite.shape(output).at(-1) === 16 ? 'regressors' : 'classificators';
}

/** The node that holds the operator's input. */
function input({ nodes, operator }: Context, index = 0): string {
  const tensor = operator.inputs[index] as number;
  const node = nodes.get(tensor);
  if (node === undefined) throw new Error(`Tensor ${tensor} is read before it is computed.`);
  return node;
}

/** An input that may be computed or constant. */
function operand(context: Context, index: number): string {
  const { tflite, operator } = context;
  const isConstant = tflite.isConstant(operator.inputs[index] as number);
  return isConstant ? constant(context, index, `operand${index}`) : input(context, index);
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
  const { options, inputs } = operator;
  const dilations = depthwise ? [5, 6] : [4, 5];
  if (dilations.some((field) => options.int(field) > 1)) throw notConverted(context, 'dilation');
  const activation =
    activationOf(context, options.byte(depthwise ? 4 : 3)) ?? (fusedRelu(operator, tflite) && ('Relu' as const));
  const padding = tflite.producer(inputs[0] as number);
  const hasBias = (inputs[2] ?? -1) >= 0;
  // Counted in the weights, which are in the file: what the output claims may be any number.
  const [out, , , last] = tflite.shape(inputs[1] as number) as [number, number, number, number];
  const filters = depthwise ? last : out;
  return graph.convolution(
    name(context),
    input(context),
    constant(context, 1, 'filter', depthwise ? (stored) => depthwiseFilter(context, stored) : filter),
    hasBias
      ? constant(context, 2, 'bias')
      : graph.floats(`${name(context)}/bias`, [filters], new Float32Array(filters)),
    {
      depthwise,
      stride: square(context, 'stride', 1, 2),
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
  const { values } = tflite.constant(operator.inputs[1] as number);
  const pads = values.subarray(0, 9).join();
  const [, height, width] = tflite.shape(consumer.inputs[1] as number);
  return pads === '0,0,1,1,1,1,0,0' && height === 3 && width === 3 && consumer.options.int(1) === 1;
}

function onlyConsumer({ output }: Operator, tflite: Tflite): Operator | undefined {
  const consumers = tflite.consumers(output);
  return consumers.length === 1 ? consumers[0] : undefined;
}

/** [out, height, width, in] → [height, width, in, out], or [out, in] → [in, out]. */
function filter({ shape: [out = 1, ...inner], values }: Constant): Constant {
  const turned = values.slice();
  const inside = values.length / out;
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < inside; i++) turned[i * out + o] = values[o * inside + i] as number;
  }
  return { shape: [...inner, out], values: turned };
}

/** [1, height, width, in · multiplier] → [height, width, in, multiplier]: the same order of values. */
function depthwiseFilter({ tflite, operator }: Context, { shape, values }: Constant): Constant {
  const [, height, width, filters] = shape as [number, number, number, number];
  const channels = tflite.shape(operator.inputs[0] as number).at(-1) as number;
  if (!Number.isInteger(filters / channels)) throw new RangeError('a filter does not fit its input');
  return { shape: [height, width, channels, filters / channels], values };
}
