import type { OperatorContext } from '../operator-context.ts';
import { type Computed, floats, transposed } from '../values.ts';
import { combine } from './elementwise.ts';

/** Converts a `ConvTranspose` on images, without groups and dilation. It runs on TensorFlow.js. */
export function convertConvTranspose(context: OperatorContext): Computed {
  const x = context.computedOf(4);
  const { shape, values } = context.known(1);
  const [inputs = 0, outputs = 0, rows = 0, columns = 0] = shape;
  const [vertical = 1, horizontal = vertical] = context.ints('strides', [1, 1]);
  const plain = [context.int('group', 1), ...context.ints('dilations', [1])].every((value) => value === 1);
  if (!plain || context.text('auto_pad', 'NOTSET') !== 'NOTSET' || context.attribute('output_shape')) {
    throw context.unsupported('groups, dilation, auto_pad or output_shape');
  }
  const [, channels, height = 0, width = 0] = x.shape;
  if (channels !== inputs) throw context.unsupported(`weights for ${inputs} channels instead of ${channels}`);
  const [top = 0, left = 0, bottom = 0, right = 0] = context.ints('pads');
  const [below = 0, beside = 0] = context.ints('output_padding');
  const full = [(height - 1) * vertical + rows, (width - 1) * horizontal + columns] as const;
  // TensorFlow's filter is [height, width, out, in].
  const filter = context.floats('filter', [rows, columns, outputs, inputs], transposed(values, shape, [2, 3, 1, 0]));
  const size = context.integers('size', [4], [1, ...full, outputs]);
  const strides = { list: { i: ['1', String(vertical), String(horizontal), '1'] } };
  const attributes = {
    strides,
    dilations: { list: { i: ['1', '1', '1', '1'] } },
    padding: { s: btoa('VALID') },
    data_format: { s: btoa('NHWC') },
  };
  const whole = { shape: [1, outputs, ...full], order: [2, 3, 1] };
  if (below > bottom || beside > right) throw context.unsupported('an output_padding beyond its padding');
  const raw = context.op('Conv2DBackpropInput', [size, filter, context.image(x)], whole, attributes);
  const kept = [full[0] - top - bottom + below, full[1] - left - right + beside];
  const begin = context.integers('begin', [4], [0, top, left, 0]);
  const extent = context.integers('extent', [4], [-1, ...kept, -1]);
  const result = { shape: [1, outputs, ...kept], order: [2, 3, 1] };
  const cut = top + left + bottom + right === 0 ? raw : context.op('Slice', [raw.node, begin, extent], result);
  if (!context.has(2)) return cut;
  const bias = context.known(2);
  return combine(context, 'AddV2', cut, floats(bias.values, [bias.values.length, 1, 1]));
}
