import type { OperatorContext } from '../operator-context.ts';
import type { Computed } from '../values.ts';
import { namedPadding, padded, type Windows, windowsOf } from './windows.ts';

/** The value around an image that a maximum ignores: the lowest float32. */
const lowest = -3.4028234663852886e38;

/** Converts `MaxPool` and `AveragePool` on images. */
export function convertPool(context: OperatorContext): Computed {
  const isMax = context.node.op === 'MaxPool';
  const x = context.computedOf(4);
  const windows = windowsOf(context, x, context.ints('kernel_shape'));
  if (windows.dilation.some((dilation) => dilation !== 1)) throw context.unsupported('dilation');
  const { writer, name } = context;
  const named = namedPadding(windows);
  // TensorFlow's mean ignores the padding of `SAME`.
  const countsPadding = !isMax && context.int('count_include_pad', 0) === 1;
  const isNamed = named !== undefined && !(countsPadding && named === 'SAME');
  const image = context.image(x);
  const node = writer.graph.pool(
    writer.unused(name),
    isNamed ? image : padded(context, image, windows.pads, isMax ? lowest : 0),
    isMax ? 'MaxPool' : 'AvgPool',
    windows.size,
    windows.stride,
    isNamed ? named : 'VALID',
  );
  const [, channels = 0] = x.shape;
  const pooled: Computed = { kind: 'computed', node, shape: [1, channels, ...windows.output], order: [2, 3, 1] };
  return isMax || isNamed ? pooled : corrected(context, pooled, windows, countsPadding);
}

/** Divides each mean by the part of its window that counts. */
function corrected(context: OperatorContext, pooled: Computed, windows: Windows, countsPadding: boolean): Computed {
  const [rows, columns] = ([0, 1] as const).map((axis) => countedParts(context, windows, axis, countsPadding));
  const factors = (rows as number[]).flatMap((row) => (columns as number[]).map((column) => 1 / (row * column)));
  if (factors.every((factor) => factor === 1)) return pooled;
  const constant = context.floats('factors', [...windows.output, 1], factors);
  return context.op('Mul', [pooled.node, constant], pooled);
}

/** For each window along an axis, the share of its pixels that counts. */
function countedParts(context: OperatorContext, windows: Windows, axis: 0 | 1, countsPadding: boolean): number[] {
  const { input, size, stride, pads, output } = windows;
  const before = axis === 0 ? pads.top : pads.left;
  // The padding that ceil_mode adds at the end never counts.
  const declared = context.ints('pads')[axis + 2] ?? 0;
  const [low, high] = countsPadding ? [0, before + input[axis] + declared] : [before, before + input[axis]];
  return Array.from({ length: output[axis] }, (_, i) => {
    const start = i * stride[axis];
    return (Math.min(start + size[axis], high) - Math.max(start, low)) / size[axis];
  });
}

/** Converts `GlobalAveragePool` and `GlobalMaxPool` on images. */
export function convertGlobalPool(context: OperatorContext): Computed {
  const x = context.computedOf(4);
  const axes = context.integers('axes', [2], [1, 2]);
  const op = context.node.op === 'GlobalMaxPool' ? 'Max' : 'Mean';
  const result: Pick<Computed, 'shape' | 'order'> = { shape: [1, x.shape[1] as number, 1, 1], order: [2, 3, 1] };
  return context.op(op, [context.image(x), axes], result, { keep_dims: { b: true } });
}
