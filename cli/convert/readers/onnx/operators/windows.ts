import type { Padding, Pair } from '../../../graph/graph-builder.ts';
import type { OperatorContext } from '../operator-context.ts';
import type { Computed } from '../values.ts';

/** Rows above and below an image, and columns to its left and right. */
export interface Pads {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** The windows of a convolution or of a pooling. */
export interface Windows {
  /** Height and width of the input. */
  input: Pair;
  /** Height and width of a window, with the gaps of a dilation. */
  size: Pair;
  stride: Pair;
  dilation: Pair;
  pads: Pads;
  /** Height and width of the output. */
  output: Pair;
}

/** Reads the attributes of a convolution or of a pooling. @param kernel height and width of a window without gaps. */
export function windowsOf(context: OperatorContext, { shape }: Computed, kernel: readonly number[]): Windows {
  const pair = ([vertical = 1, horizontal = vertical]: readonly number[]): Pair => [vertical, horizontal];
  const [input, stride, dilation] = [
    pair(shape.slice(2)),
    pair(context.ints('strides', [1, 1])),
    pair(context.ints('dilations', [1, 1])),
  ];
  const [kernelHeight, kernelWidth] = pair(kernel);
  const size: Pair = [(kernelHeight - 1) * dilation[0] + 1, (kernelWidth - 1) * dilation[1] + 1];
  if ([...stride, ...dilation, ...size].some((value) => value < 1)) throw context.unsupported('windows without a size');
  const pads = padsOf(context, input, size, stride);
  const rounding = context.int('ceil_mode', 0) === 1 ? Math.ceil : Math.floor;
  const output: Pair = [
    windowCount(input[0] + pads.top, pads.bottom, size[0], stride[0], rounding),
    windowCount(input[1] + pads.left, pads.right, size[1], stride[1], rounding),
  ];
  if (output.some((value) => value < 1)) throw context.unsupported('windows that are larger than its input');
  // With ceil_mode the last window may end beyond the padding.
  pads.bottom = Math.max(pads.bottom, (output[0] - 1) * stride[0] + size[0] - input[0] - pads.top);
  pads.right = Math.max(pads.right, (output[1] - 1) * stride[1] + size[1] - input[1] - pads.left);
  const [, channels = 0] = shape;
  context.requireSize([channels, input[0] + pads.top + pads.bottom, input[1] + pads.left + pads.right]);
  return { input, size, stride, dilation, pads, output };
}

/** The padding's name in TensorFlow; undefined if TensorFlow pads otherwise. */
export function namedPadding({ input, size, stride, pads }: Windows): Padding | undefined {
  const { top, left, bottom, right } = pads;
  if (top + left + bottom + right === 0) return 'VALID';
  const same = (axis: 0 | 1) => samePads(input[axis], size[axis], stride[axis]);
  const [[sameTop, sameBottom], [sameLeft, sameRight]] = [same(0), same(1)];
  const isSame = top === sameTop && bottom === sameBottom && left === sameLeft && right === sameRight;
  return isSame ? 'SAME' : undefined;
}

/** Adds zeros, or another value, around an image. @returns the node of the padded image. */
export function padded(context: OperatorContext, node: string, { top, left, bottom, right }: Pads, value = 0): string {
  const paddings = context.integers('paddings', [4, 2], [0, 0, top, bottom, left, right, 0, 0]);
  if (value === 0) return context.writer.op(`${context.name}/padded`, 'Pad', [node, paddings]);
  const constant = context.floats('padding', [], [value]);
  return context.writer.op(`${context.name}/padded`, 'PadV2', [node, paddings, constant]);
}

function padsOf(context: OperatorContext, input: Pair, size: Pair, stride: Pair): Pads {
  const automatic = context.text('auto_pad', 'NOTSET');
  if (automatic === 'VALID') return { top: 0, left: 0, bottom: 0, right: 0 };
  if (automatic === 'SAME_UPPER' || automatic === 'SAME_LOWER') {
    const [vertical, horizontal] = [samePads(input[0], size[0], stride[0]), samePads(input[1], size[1], stride[1])];
    if (automatic === 'SAME_LOWER') for (const pads of [vertical, horizontal]) pads.reverse();
    return { top: vertical[0], bottom: vertical[1], left: horizontal[0], right: horizontal[1] };
  }
  const [top = 0, left = 0, bottom = 0, right = 0] = context.ints('pads');
  if (automatic !== 'NOTSET' || Math.min(top, left, bottom, right) < 0) {
    throw context.unsupported(`the padding ${automatic} [${context.ints('pads')}]`);
  }
  return { top, left, bottom, right };
}

/** The padding before and after an axis for ⌈size / stride⌉ windows. An odd row or column goes to the end. */
function samePads(input: number, size: number, stride: number): [number, number] {
  const total = Math.max(0, (Math.ceil(input / stride) - 1) * stride + size - input);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** @param input the size with the padding before it. @param after the padding after it. */
function windowCount(
  input: number,
  after: number,
  size: number,
  stride: number,
  rounding: (value: number) => number,
): number {
  const count = rounding((input + after - size) / stride) + 1;
  // A window that would begin after the input is left out, as in PyTorch.
  return rounding === Math.ceil && (count - 1) * stride >= input ? count - 1 : count;
}
