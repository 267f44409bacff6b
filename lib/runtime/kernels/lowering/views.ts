import { elementCount } from '../../constant.ts';
import type { Activation, Padding, Tensor, View } from './program.ts';

/** Floats in a vector: kernels load and store whole vectors. */
export const lanes = 4;

/** No activation. */
export const identity: Activation = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/** No padding. */
export const noPadding: Padding = { top: 0, left: 0, bottom: 0, right: 0 };

/** A new tensor; unless contiguous, every pixel starts at a whole vector. */
export function createTensor(height: number, width: number, channels: number, contiguous = false): Tensor {
  const floatsPerPixel = contiguous ? channels : Math.ceil(channels / lanes) * lanes;
  return { height, width, channels, floatsPerPixel, contiguous, padding: noPadding };
}

/** The view of a whole tensor without padding. */
export function viewOf(tensor: Tensor): View {
  return { tensor, shape: [tensor.height, tensor.width, tensor.channels], ...noPadding };
}

/** Whether any side is padded. */
export function hasPadding({ top, left, bottom, right }: Padding): boolean {
  return top + left + bottom + right > 0;
}

/** Whether a view has elements that its tensor lacks: padding or further channels. */
export function exceedsTensor({ tensor, shape }: View): boolean {
  return elementCount(shape) !== tensor.height * tensor.width * tensor.channels;
}

/** Whether an activation changes nothing. */
export function isIdentity({ low, high, slopes }: Activation): boolean {
  return low === identity.low && high === identity.high && !slopes;
}
