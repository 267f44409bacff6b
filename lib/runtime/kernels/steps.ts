import { convolutionStep, depthwiseStep } from './convolution-steps.ts';
import type { HostOperation, Operation, Pool, Product, Resize, Sum, Tensor } from './lowering/program.ts';
import {
  absentTensor,
  addressArguments,
  outputArguments,
  type Step,
  type StepContext,
  viewArguments,
  weightsOf,
} from './step-context.ts';

/** The steps that run a program once, in order. Every thread finishes a step before any starts the next. */
export function buildSteps(context: StepContext): Step[] {
  const { program } = context;
  return [
    ...clearPadding(context, program.input),
    ...program.operations.flatMap((operation) => [
      ...clearPadding(context, operation.output),
      operationStep(context, operation),
    ]),
  ];
}

/** Zeroes a tensor's padding. Every run does so, since tensors share memory. */
function clearPadding({ layout, images }: StepContext, tensor: Tensor): Step[] {
  const { top, left, bottom, right } = tensor.padding;
  if (top + left + bottom + right === 0) return [];
  const { address, row, column } = layout.padding(tensor);
  const rows = top + tensor.height + bottom;
  return [[{ kernel: 'frame', args: [address, images, rows, row, top, bottom, left * column, right * column] }]];
}

function operationStep(context: StepContext, operation: Operation): Step {
  switch (operation.kind) {
    case 'convolution':
      return convolutionStep(context, operation);
    case 'depthwise':
      return depthwiseStep(context, operation);
    case 'sum':
      return sumStep(context, operation);
    case 'product':
      return productStep(context, operation);
    case 'pool':
      return poolStep(context, operation);
    case 'resize':
      return resizeStep(context, operation);
    case 'host':
      return hostStep(context, operation);
  }
}

function sumStep(context: StepContext, operation: Sum): Step {
  const { left, right, activation, output } = operation;
  const { slopes } = weightsOf(context, operation);
  // biome-ignore format: one line for each tensor
  return [{
    kernel: 'sum',
    args: [
      ...viewArguments(context, left),
      ...(right ? viewArguments(context, right) : absentTensor),
      slopes,
      ...outputArguments(context, output),
      context.images, output.height, output.width, activation.low, activation.high,
    ],
  }];
}

function productStep(context: StepContext, operation: Product): Step {
  const { left, right, activation, output } = operation;
  const { slopes } = weightsOf(context, operation);
  const [address, image, row, column, channels] = viewArguments(context, right);
  const isRepeated = right.shape[0] === 1 && right.shape[1] === 1;
  // biome-ignore format: one line for each tensor
  return [{
    kernel: 'product',
    args: [
      ...viewArguments(context, left),
      address, image, ...(isRepeated ? [0, 0] as const : [row, column] as const), channels,
      slopes,
      ...outputArguments(context, output),
      context.images, output.height, output.width, activation.low, activation.high,
    ],
  }];
}

function poolStep(context: StepContext, { input, operator, window, strides, top, left, output }: Pool): Step {
  const [height = 0, width = 0] = input.shape;
  // biome-ignore format: one line for each tensor
  return [{
    kernel: 'pool',
    args: [
      ...addressArguments(context.layout.view(input)), height, width,
      ...window, ...strides,
      top, left, operator === 'max' ? 1 : 0,
      ...outputArguments(context, output),
      context.images, output.height, output.width,
    ],
  }];
}

function resizeStep(context: StepContext, { input, alignCorners, halfPixels, output }: Resize): Step {
  const [height = 0, width = 0] = input.shape;
  const scale = (from: number, to: number) => (alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to);
  // biome-ignore format: one line for each tensor
  return [{
    kernel: 'resize',
    args: [
      ...addressArguments(context.layout.view(input)), height, width,
      scale(height, output.height), scale(width, output.width), halfPixels ? 0.5 : 0,
      ...outputArguments(context, output),
      context.images, output.height, output.width,
    ],
  }];
}

function hostStep({ memory, layout, images }: StepContext, { inputs, compute, output }: HostOperation): Step {
  const floats = (tensor: Tensor) =>
    memory.floats(layout.values(tensor).address, images * tensor.height * tensor.width * tensor.channels);
  return () =>
    compute(
      inputs.map(({ tensor }) => floats(tensor)),
      floats(output),
      images,
    );
}
