import { dequantized } from '../known/elementwise.ts';
import type { OperatorContext } from '../operator-context.ts';
import { type Computed, floats, type Known } from '../values.ts';
import { convolution } from './convolution.ts';
import { clamped } from './elementwise.ts';

/**
 * Converts `QuantizeLinear` of a tensor that depends on the image: the values stay floats, and are limited to the range that the
 * integers can express, which often is where a ReLU was merged.
 */
export function convertQuantize(context: OperatorContext): Computed {
  return limited(context, context.computed(), context.known(1), context.has(2) ? context.known(2) : undefined);
}

/** Converts `DequantizeLinear` of such a tensor, whose values are floats already. */
export function convertDequantize(context: OperatorContext): Computed {
  return context.computed();
}

/** Converts `QLinearConv` to a convolution of floats: the weights and the bias are dequantised. */
export function convertQLinearConv(context: OperatorContext): Computed {
  const [inputScale, weightScale] = [context.known(1), context.known(4)];
  const weights = dequantized(context, context.known(3), weightScale, context.known(5), 0);
  const scaleAt = (i: number) => weightScale.values[weightScale.values.length === 1 ? 0 : i] as number;
  const stored = context.has(8) ? context.known(8) : undefined;
  const bias =
    stored &&
    floats(
      Float32Array.from(stored.values, (value, i) => value * (inputScale.values[0] as number) * scaleAt(i)),
      stored.shape,
    );
  const result = convolution(context, context.computedOf(4), weights, bias);
  return limited(context, result, context.known(6), context.known(7));
}

/** Limits values to those of 8-bit integers with a scale and a zero point, whose type is unsigned by default. */
function limited(context: OperatorContext, x: Computed, scale: Known, zero: Known | undefined): Computed {
  const [step = 1, offset = 0] = [scale.values[0], zero?.values[0]];
  if (scale.values.length !== 1) throw context.unsupported('a scale for each channel of a tensor that is not constant');
  const [low, high] = zero?.isSigned ? [-128, 127] : [0, 255];
  return clamped(context, x, (low - offset) * step, (high - offset) * step);
}
