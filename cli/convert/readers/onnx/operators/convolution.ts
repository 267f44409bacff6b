import type { OperatorContext } from '../operator-context.ts';
import { type Computed, elementCount, floats, type Known, transposed } from '../values.ts';
import { namedPadding, padded, type Windows, windowsOf } from './windows.ts';

/** The maximum number of weights that a grouped convolution may have as a dense one. */
const maxGroupedWeights = 3e7;

/** Converts a `Conv` on images. */
export function convertConv(context: OperatorContext): Computed {
  return convolution(context, context.computedOf(4), context.known(1), context.has(2) ? context.known(2) : undefined);
}

/**
 * Adds a convolution with the attributes of the operator.
 *
 * @param weights [out, in / groups, height, width].
 */
export function convolution(context: OperatorContext, x: Computed, weights: Known, bias: Known | undefined): Computed {
  const [out = 0, perGroup = 0, ...kernel] = weights.shape;
  const groups = context.int('group', 1);
  const [, channels = 0] = x.shape;
  if (weights.shape.length !== 4 || perGroup * groups !== channels || out % groups !== 0) {
    throw context.unsupported(`weights of the shape [${weights.shape}] for ${channels} channels in ${groups} groups`);
  }
  const windows = windowsOf(context, x, kernel);
  const depthwise = perGroup === 1 && groups > 1;
  const dense = depthwise || groups === 1 ? weights : ungrouped(context, weights, groups);
  const filter = withGaps(context, depthwise ? depthwiseFilter(dense, groups) : denseFilter(dense), windows);
  return addConvolution(context, x, filter, bias ?? floats(new Float32Array(out), [out]), windows, depthwise);
}

function addConvolution(
  context: OperatorContext,
  x: Computed,
  filter: Known,
  bias: Known,
  windows: Windows,
  depthwise: boolean,
): Computed {
  const { writer, name } = context;
  const padding = namedPadding(windows);
  const image = context.image(x);
  const node = writer.graph.convolution(
    writer.unused(name),
    padding ? image : padded(context, image, windows.pads),
    context.floats('filter', filter.shape, filter.values),
    context.floats('bias', [bias.values.length], bias.values),
    { depthwise, stride: windows.stride, padding: padding ?? 'VALID' },
  );
  return { kind: 'computed', node, shape: [1, bias.values.length, ...windows.output], order: [2, 3, 1] };
}

/** [out, in, height, width] → [height, width, in, out]. */
function denseFilter({ shape, values }: Known): Known {
  const [out = 0, inputs = 0, height = 0, width = 0] = shape;
  return floats(transposed(values, shape, [2, 3, 1, 0]), [height, width, inputs, out]);
}

/** [channels · multiplier, 1, height, width] → [height, width, channels, multiplier]. */
function depthwiseFilter({ shape, values }: Known, channels: number): Known {
  const [out = 0, , height = 0, width = 0] = shape;
  const multiplier = out / channels;
  const arranged = transposed(values, [channels, multiplier, height, width], [2, 3, 0, 1]);
  return floats(arranged, [height, width, channels, multiplier]);
}

/** The weights of a grouped convolution as those of a dense one, with zeros between the groups. */
function ungrouped(context: OperatorContext, { shape, values }: Known, groups: number): Known {
  const [out = 0, perGroup = 0, height = 0, width = 0] = shape;
  const inputs = perGroup * groups;
  const count = out * inputs * height * width;
  if (count > maxGroupedWeights) throw context.unsupported(`${groups} groups with too many weights`);
  context.claim(count);
  const dense = new Float32Array(count);
  const [block, row] = [perGroup * height * width, inputs * height * width];
  for (let o = 0; o < out; o++) {
    const group = Math.floor(o / (out / groups));
    dense.set(values.subarray(o * block, (o + 1) * block), o * row + group * block);
  }
  return floats(dense, [out, inputs, height, width]);
}

/** A filter with zeros in the gaps of its dilation, so that an ordinary convolution computes it. */
function withGaps(context: OperatorContext, filter: Known, { size, dilation }: Windows): Known {
  if (dilation[0] === 1 && dilation[1] === 1) return filter;
  const [height = 0, width = 0, ...inner] = filter.shape;
  const channels = elementCount(inner);
  context.claim(size[0] * size[1] * channels);
  const spread = new Float32Array(size[0] * size[1] * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * channels;
      const to = (y * dilation[0] * size[1] + x * dilation[1]) * channels;
      spread.set(filter.values.subarray(from, from + channels), to);
    }
  }
  return floats(spread, [...size, ...inner]);
}
