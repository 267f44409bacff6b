import { type BuiltinOperator, builtinOperators } from '../../../cli/convert/readers/tflite/schema.ts';
import type { Constant } from '../../../lib/runtime/constant.ts';
import type { Padding, Pair } from '../../../lib/runtime/kernels/lowering/program.ts';
import { type Field, TfliteWriter } from '../../../test/support/published/tflite-writer.ts';
import type { PortableGraph, PortableNode, PortableOperator } from './portable-graph.ts';

const byte = (value: number): Field => ({ byte: value });
const int = (value: number): Field => ({ int: value });

/** The indices of the options in the union BuiltinOptions of TensorFlow Lite's schema.fbs. */
const optionsTypes: Partial<Record<BuiltinOperator, number>> = {
  CONV_2D: 1,
  DEPTHWISE_CONV_2D: 2,
  AVERAGE_POOL_2D: 5,
  MAX_POOL_2D: 5,
  FULLY_CONNECTED: 8,
  CONCATENATION: 10,
  ADD: 11,
  RESIZE_BILINEAR: 15,
  RESHAPE: 17,
  PAD: 22,
  MEAN: 27,
  DEPTH_TO_SPACE: 94,
};

/** Writes a network as LiteRT runs it best: NHWC, fused ReLUs, PReLU as one operator, batch 1. */
export function tfliteModel({ input, nodes, outputs }: PortableGraph): Uint8Array {
  const file = new TfliteWriter();
  const tensors = new Map([[input.name, file.tensor([1, ...input.shape])]]);
  for (const node of nodes) {
    const inputs = node.inputs.map((name) => tensors.get(name) as number);
    tensors.set(node.name, addOperator(file, node, inputs));
  }
  const results = outputs.map(({ name, node }) => {
    const tensor = tensors.get(node) as number;
    file.rename(tensor, name);
    return tensor;
  });
  return file.write(tensors.get(input.name) as number, ...results);
}

/** Adds an operator with the inputs of a node. @returns the index of its result. */
type AddOperator = (name: BuiltinOperator, options?: Field[], constants?: number[]) => number;

/** Adds a node. @returns the index of its result. */
function addOperator(file: TfliteWriter, { shape, operator }: PortableNode, inputs: readonly number[]): number {
  const add: AddOperator = (name, options = [], constants = []) => {
    const code = builtinOperators.indexOf(name);
    return file.operator(code, [...inputs, ...constants], [1, ...shape], options, optionsTypes[name]);
  };
  switch (operator.kind) {
    case 'convolution':
    case 'depthwise':
      return addConvolution(file, operator, add);
    case 'pool': {
      const { largest, window, strides } = operator;
      const [rows, columns] = window;
      const options = [byte(paddingCode(operator.padding)), int(strides[1]), int(strides[0]), int(columns), int(rows)];
      return add(largest ? 'MAX_POOL_2D' : 'AVERAGE_POOL_2D', options);
    }
    case 'add':
      return add('ADD', [byte(Number(operator.relu))]);
    case 'relu':
      return add('RELU');
    case 'sigmoid':
      return add('LOGISTIC');
    case 'prelu':
      return add('PRELU', [], [file.floats([1, 1, operator.slopes.length], operator.slopes)]);
    case 'pad':
      return add('PAD', [], [paddings(file, operator.before, operator.after)]);
    case 'mean':
      return add('MEAN', [byte(0)], [file.integers([2], [1, 2])]);
    case 'matmul': {
      const [rows = 0, columns = 0] = operator.matrix.shape;
      const weights = file.floats([columns, rows], outputsFirst(operator.matrix));
      return add('FULLY_CONNECTED', [byte(0)], [weights, file.floats([columns], new Float32Array(columns))]);
    }
    case 'resize': {
      const sizes = file.integers([2], shape.slice(0, 2));
      // The first two fields of ResizeBilinearOptions are no longer used.
      const flags = [byte(Number(operator.alignCorners)), byte(Number(operator.halfPixels))];
      return add('RESIZE_BILINEAR', [undefined, undefined, ...flags], [sizes]);
    }
    case 'depthToSpace':
      return add('DEPTH_TO_SPACE', [int(operator.block)]);
    case 'concat':
      return add('CONCATENATION', [int(operator.axis + 1), byte(0)]);
    case 'reshape':
      return add('RESHAPE', [{ ints: [1, ...shape] }], [file.integers([shape.length + 1], [1, ...shape])]);
  }
}

type ConvolutionOperator = Extract<PortableOperator, { kind: 'convolution' | 'depthwise' }>;

function addConvolution(
  file: TfliteWriter,
  { kind, filter, bias, strides, padding, relu }: ConvolutionOperator,
  add: AddOperator,
): number {
  const [rows = 1, columns = 1, from = 1, to = 1] = filter.shape;
  const biases = file.floats([bias.length], bias);
  const common = [byte(paddingCode(padding)), int(strides[1]), int(strides[0])];
  if (kind === 'depthwise') {
    const weights = file.floats([1, rows, columns, from], filter.values);
    return add('DEPTHWISE_CONV_2D', [...common, int(1), byte(Number(relu)), int(1), int(1)], [weights, biases]);
  }
  const weights = file.floats([to, rows, columns, from], outputsFirst(filter));
  return add('CONV_2D', [...common, byte(Number(relu)), int(1), int(1)], [weights, biases]);
}

/** SAME (0) if anything is padded, else VALID (1): the graphs state their padding in one of these ways. */
function paddingCode({ top, left, bottom, right }: Padding): number {
  return top + left + bottom + right > 0 ? 0 : 1;
}

function paddings(file: TfliteWriter, before: number[], after: number[]): number {
  const pairs = before.flatMap((size, i): Pair => [size, after[i] ?? 0]);
  return file.integers([before.length + 1, 2], [0, 0, ...pairs]);
}

/** The values with the last axis first. */
function outputsFirst({ shape, values }: Constant): Float32Array {
  const outputs = shape.at(-1) ?? 1;
  const perOutput = values.length / outputs;
  return Float32Array.from({ length: values.length }, (_, i) => {
    const [output, tap] = [Math.floor(i / perOutput), i % perOutput];
    return values[tap * outputs + output] as number;
  });
}
