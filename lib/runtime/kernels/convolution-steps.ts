import type { Convolution, Depthwise } from './lowering/program.ts';
import {
  absentTensor,
  addressArguments,
  outputArguments,
  type Step,
  type StepContext,
  type TensorArguments,
  viewArguments,
  weightsOf,
} from './step-context.ts';
import type { KernelCall } from './wasm/signatures.ts';
import { winogradTileSize } from './winograd.ts';
import { type Range, shareEvenly, shareTiles } from './work-shares.ts';

/**
 * Each thread's share of a convolution is a multiple of this many pixels, so that only the last share has a partial
 * tile of 4 or 6 pixels.
 */
const shareGrain = 12;

/** The step of a dense convolution, by Winograd's minimal filtering if that is faster. */
export function convolutionStep(context: StepContext, operation: Convolution): Step {
  const tileSize = winogradTileSize(operation);
  return tileSize ? winogradStep(context, operation, tileSize) : directStep(context, operation);
}

function directStep(context: StepContext, operation: Convolution): Step {
  const { layout, tables, images } = context;
  const { input, filter: weights, strides, activation, output } = operation;
  const { height, width } = output;
  const [rows = 0, columns = 0] = weights.shape;
  const { address, image, row, column } = layout.view(input);
  const { filter, bias, slopes } = weightsOf(context, operation);
  const ranges = shareEvenly(images * height * width, tables.length, shareGrain);
  return perThread(ranges, ([start, end], thread) => ({
    kernel: 'convolution',
    // biome-ignore format: one line for each tensor
    args: [
      address, image, row * strides[0], column * strides[1], row,
      filter, bias, slopes, rows, columns * input.tensor.floatsPerPixel,
      ...residualArguments(context, operation),
      ...outputArguments(context, output),
      tables[thread] as number, height, width, activation.low, activation.high, start, end,
    ],
  }));
}

function winogradStep(context: StepContext, operation: Convolution, tileSize: 2 | 4): Step {
  const { layout, tables, images } = context;
  const { input, activation, output } = operation;
  const { height, width } = output;
  const { filter, bias, slopes } = weightsOf(context, operation);
  const ranges = shareTiles(tileSize, images, height, width, tables.length);
  return perThread(ranges, ([start, end], thread) => ({
    kernel: 'winograd',
    // biome-ignore format: one line for each tensor
    args: [
      ...addressArguments(layout.view(input)), input.tensor.floatsPerPixel,
      filter, bias, slopes,
      ...residualArguments(context, operation),
      ...outputArguments(context, output),
      tables[thread] as number, height, width, activation.low, activation.high,
      tileSize, start, end,
    ],
  }));
}

/** The step of a depthwise convolution. */
export function depthwiseStep(context: StepContext, operation: Depthwise): Step {
  const { layout, tables, images } = context;
  const { input, filter: weights, strides, activation, output } = operation;
  const [rows = 0, columns = 0] = weights.shape;
  const { address, image, row, column } = layout.view(input);
  const { filter, bias, slopes } = weightsOf(context, operation);
  const ranges = shareEvenly(images * output.height, tables.length, 1);
  return perThread(ranges, ([start, end]) => ({
    kernel: 'depthwise',
    // biome-ignore format: one line for each tensor
    args: [
      address, image, row * strides[0], column * strides[1], row, column,
      filter, bias, slopes, rows, columns,
      ...outputArguments(context, output),
      output.height, output.width, activation.low, activation.high, start, end,
    ],
  }));
}

/** A call for each range; there is always a first one. */
function perThread(ranges: readonly Range[], call: (range: Range, thread: number) => KernelCall): Step {
  return ranges.map(call) as [KernelCall, ...KernelCall[]];
}

function residualArguments(context: StepContext, { residual }: Convolution): TensorArguments {
  return residual ? viewArguments(context, residual) : absentTensor;
}
