import { unsupportedFile } from '../../errors.ts';
import { convertConvolution, convertPadding, convertRelu } from './convolution.ts';
import { outputsLast } from './layouts.ts';
import type { OperatorContext } from './operator-context.ts';
import { type BuiltinOperator, paddings } from './schema.ts';

/** Adds the nodes of an operator. Options are read by number, in the order of the schema. @returns the node of its output. */
export type OperatorConverter = (context: OperatorContext) => string;

/** The operators that are converted. */
export const converters: Partial<Record<BuiltinOperator, OperatorConverter>> = {
  CONV_2D: (context) => convertConvolution(context, 'standard'),
  DEPTHWISE_CONV_2D: (context) => convertConvolution(context, 'depthwise'),
  PAD: convertPadding,
  RELU: convertRelu,
  RELU6: elementwise('Relu6', 1),
  PRELU: (context) => context.graph.op(context.name, 'Prelu', [context.input(), context.constant(1, 'alpha')]),
  HARD_SWISH: elementwise('HardSwish', 1),
  LOGISTIC: elementwise('Sigmoid', 1),
  ABS: elementwise('Abs', 1),
  EXP: elementwise('Exp', 1),
  NEG: elementwise('Neg', 1),
  RSQRT: elementwise('Rsqrt', 1),
  SQUARE: elementwise('Square', 1),
  MAXIMUM: elementwise('Maximum', 2),
  MINIMUM: elementwise('Minimum', 2),
  ADD: elementwise('AddV2', 2, 'sum'),
  SUB: elementwise('Sub', 2, 'difference'),
  MUL: elementwise('Mul', 2, 'product'),
  DIV: elementwise('RealDiv', 2, 'quotient'),
  MEAN: reduction('Mean'),
  SUM: reduction('Sum'),
  REDUCE_MAX: reduction('Max'),
  MAX_POOL_2D: pooling('MaxPool'),
  AVERAGE_POOL_2D: pooling('AvgPool'),
  FULLY_CONNECTED: convertFullyConnected,
  L2_NORMALIZATION(context) {
    // The library normalises every embedding, so a final normalisation is omitted.
    if (context.file.outputs.has(context.operator.output)) return context.input();
    throw unsupportedFile(
      'The .tflite file has the operator L2_NORMALIZATION before its output: it can be converted only as the last operator.',
    );
  },
  RESIZE_BILINEAR(context) {
    const { options } = context.operator;
    return context.graph.op(context.name, 'ResizeBilinear', [context.input(), context.constant(1, 'size')], {
      align_corners: { b: options.byte(2) === 1 },
      half_pixel_centers: { b: options.byte(3) === 1 },
    });
  },
  DEPTH_TO_SPACE: (context) =>
    context.graph.depthToSpace(context.name, context.input(), context.operator.options.int(0)),
  RESHAPE: (context) => context.reshape(context.name, context.input()),
  SQUEEZE: (context) => context.reshape(context.name, context.input()),
  CONCATENATION(context) {
    const { graph, operator } = context;
    return context.activated(operator.options.byte(1), (name) => {
      const axis = graph.integers(`${name}/axis`, [], [operator.options.int(0)]);
      const parts = operator.inputs.map((_, i) => context.input(i));
      return graph.op(name, 'ConcatV2', [...parts, axis], { N: { i: String(parts.length) } });
    });
  },
};

/** An operation on one tensor, or on two with broadcasting. The options of binary operations start with the activation. */
function elementwise(op: string, operands: 1 | 2, suffix = 'linear'): OperatorConverter {
  return (context) => {
    const inputs = () => Array.from({ length: operands }, (_, i) => context.operand(i));
    const code = operands === 2 ? context.operator.options.byte(0) : 0;
    return context.activated(code, (name) => context.graph.op(name, op, inputs()), suffix);
  };
}

/** The mean, the sum or the maximum along axes. */
function reduction(op: 'Mean' | 'Sum' | 'Max'): OperatorConverter {
  return (context) => {
    const inputs = [context.input(), context.constant(1, 'axes')];
    return context.graph.op(context.name, op, inputs, { keep_dims: { b: context.operator.options.byte(0) === 1 } });
  };
}

function pooling(op: 'MaxPool' | 'AvgPool'): OperatorConverter {
  return (context) => {
    const { options } = context.operator;
    const [stride, size] = [context.squareOption('stride', 1, 2), context.squareOption('window', 3, 4)];
    return context.activated(options.byte(5), (name) =>
      context.graph.pool(name, context.input(), op, size, stride, paddings[options.byte(0)] as 'SAME' | 'VALID'),
    );
  };
}

/** A matrix product. The matrix is stored as [out, in]. Inputs that are not rows are reshaped before, outputs after it. */
function convertFullyConnected(context: OperatorContext): string {
  const { graph, file, operator } = context;
  const { options, output } = operator;
  if (options.byte(1) !== 0) throw context.unsupported('shuffled weights');
  const [, length] = context.inputShape(1) as [number, number];
  return context.activated(options.byte(0), (name) => {
    const isMatrix = context.inputShape().length === 2;
    const rows = graph.integers(`${name}/rows`, [2], [-1, length]);
    const matrix = context.constant(1, 'matrix', outputsLast);
    const x = isMatrix ? context.input() : graph.op(`${name}/flat`, 'Reshape', [context.input(), rows]);
    const hasBias = context.hasInput(2);
    const hasRows = file.shape(output).length === 2;
    const product = hasBias || !hasRows ? `${name}/product` : name;
    let y = graph.op(product, 'MatMul', [x, matrix], { transpose_a: { b: false }, transpose_b: { b: false } });
    if (hasBias) y = graph.op(hasRows ? name : `${name}/offset`, 'AddV2', [y, context.constant(2, 'bias')]);
    return hasRows ? y : context.reshape(name, y);
  });
}
