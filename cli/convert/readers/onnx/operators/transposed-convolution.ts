import type { Pair } from '../../../graph/graph-builder.ts';
import type { OperatorContext } from '../operator-context.ts';
import { type Computed, type Known, stridesOf } from '../values.ts';
import { phasesOf, type TransposedAxis } from './transposed-axis.ts';
import { type Pads, padded } from './windows.ts';

/** The maximum number of values in the filter, which has zeros between groups and where a phase has fewer taps than others. */
const maxFilterValues = 3e7;

/** The axes of a transposed convolution. */
type Axes = readonly [vertical: TransposedAxis, horizontal: TransposedAxis];

/**
 * Converts a `ConvTranspose` on images to an ordinary convolution. With a stride s, the output pixels at the positions p, p + s,
 * p + 2s, … read every s-th row and column of the filter, and are a convolution of the input with these. The convolutions of all
 * s × s phases p are one convolution with s² times as many channels, whose channels are then rearranged to blocks of pixels.
 */
export function convertConvTranspose(context: OperatorContext): Computed {
  const x = context.computedOf(4);
  const weights = context.known(1);
  const groups = context.int('group', 1);
  const [inputs = 0, perGroup = 0] = weights.shape;
  const [, channels = 0] = x.shape;
  const fits = weights.shape.length === 4 && channels === inputs && groups >= 1 && inputs % groups === 0;
  if (!fits || perGroup === 0) {
    throw context.unsupported(`weights of the shape [${weights.shape}] for ${channels} channels in ${groups} groups`);
  }
  const axes = axesOf(context, x, weights);
  const outputs = perGroup * groups;
  const filter = phaseFilter(context, weights, axes, groups);
  const phases = axes[0].stride * axes[1].stride;
  const bias = context.has(2) ? [...context.known(2).values] : new Array<number>(outputs).fill(0);
  if (bias.length !== outputs) throw context.unsupported(`a bias for ${bias.length} channels instead of ${outputs}`);
  const { writer, name } = context;
  const image = context.image(x);
  const pads: Pads = {
    top: axes[0].before,
    left: axes[1].before,
    bottom: Math.max(0, axes[0].after),
    right: Math.max(0, axes[1].after),
  };
  context.requireSize([inputs, axes[0].input + pads.top + pads.bottom, axes[1].input + pads.left + pads.right]);
  context.requireSize([outputs, axes[0].output, axes[1].output]);
  const isPadded = Object.values(pads).some((count) => count > 0);
  const node = writer.graph.convolution(
    writer.unused(name),
    isPadded ? padded(context, image, pads) : image,
    context.floats('filter', [axes[0].taps, axes[1].taps, inputs, phases * outputs], filter),
    context.floats('bias', [phases * outputs], Array.from({ length: phases }, () => bias).flat()),
    { padding: 'VALID' },
  );
  const results = ({ input, after, taps, before }: TransposedAxis) => before + input + Math.max(0, after) - taps + 1;
  const size: Pair = [results(axes[0]), results(axes[1])];
  return cropped(context, interleaved(context, node, size, axes, outputs), axes, size, outputs);
}

/** Reads the attributes of the operator for both axes. */
function axesOf(context: OperatorContext, { shape }: Computed, weights: Known): Axes {
  const pair = ([vertical = 1, horizontal = vertical]: readonly number[]): Pair => [vertical, horizontal];
  const stride = pair(context.ints('strides', [1, 1]));
  const dilation = pair(context.ints('dilations', [1, 1]));
  const [extraRows = 0, extraColumns = 0] = context.ints('output_padding');
  const extra: Pair = [extraRows, extraColumns];
  const axis = (i: 0 | 1): TransposedAxis => {
    const [input, kernel] = [shape[i + 2] as number, weights.shape[i + 2] as number];
    const isPossible = stride[i] >= 1 && dilation[i] >= 1 && kernel >= 1 && extra[i] >= 0;
    const full = (input - 1) * stride[i] + extra[i] + (kernel - 1) * dilation[i] + 1;
    const { start, output } = cutOf(context, i, input * stride[i], full);
    if (!isPossible || !(output >= 1) || start < 0) throw context.unsupported('an output without a size');
    return phasesOf({ input, kernel, stride: stride[i], dilation: dilation[i], start, output });
  };
  return [axis(0), axis(1)];
}

/**
 * The part of the full result along an axis.
 *
 * @param i the axis: 0 is vertical, 1 horizontal.
 * @param same the size for auto_pad SAME.
 * @param full the size without padding.
 */
function cutOf(context: OperatorContext, i: 0 | 1, same: number, full: number): { start: number; output: number } {
  const automatic = context.text('auto_pad', 'NOTSET');
  const requested = context.attribute('output_shape')?.ints.slice(-2)[i];
  const isSame = automatic === 'SAME_UPPER' || automatic === 'SAME_LOWER';
  if (requested === undefined && !isSame) {
    const pads = automatic === 'VALID' ? [] : context.ints('pads');
    const [before = 0, after = 0] = [pads[i], pads[i + 2]];
    return { start: before, output: full - before - after };
  }
  const output = requested ?? same;
  const total = Math.max(0, full - output);
  // With SAME_UPPER an odd row or column is cut at the end. onnx: ConvTranspose.
  const start = automatic === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
  return { start, output };
}

/** The filter of all phases: [taps, taps, in, phase row, phase column, out]. */
function phaseFilter(context: OperatorContext, weights: Known, axes: Axes, groups: number): Float32Array {
  const [vertical, horizontal] = axes;
  const [inputs = 0, perGroup = 0] = weights.shape;
  const outputs = perGroup * groups;
  const shape = [vertical.taps, horizontal.taps, inputs, vertical.stride, horizontal.stride, outputs];
  const count = shape.reduce((a, b) => a * b, 1);
  if (!(count <= maxFilterValues)) throw context.unsupported('too many weights');
  context.claim(count);
  const filter = new Float32Array(count);
  const to = stridesOf(shape) as [number, number, number, number, number, number];
  const from = stridesOf(weights.shape) as [number, number, number, number];
  for (const row of vertical.places) {
    for (const column of horizontal.places) {
      const target = row.tap * to[0] + column.tap * to[1] + row.phase * to[3] + column.phase * to[4];
      const source = row.weight * from[2] + column.weight * from[3];
      for (let input = 0; input < inputs; input++) {
        const first = Math.floor(input / (inputs / groups)) * perGroup;
        for (let output = 0; output < perGroup; output++) {
          const value = weights.values[source + input * from[0] + output * from[1]] as number;
          filter[target + input * to[2] + first + output] = value;
        }
      }
    }
  }
  return filter;
}

/** Rearranges the channels of all phases to blocks of pixels. @param size height and width of the convolution's result. */
function interleaved(context: OperatorContext, node: string, size: Pair, axes: Axes, outputs: number): string {
  const { writer, name } = context;
  const [rows, columns] = [axes[0].stride, axes[1].stride];
  if (rows === 1 && columns === 1) return node;
  if (rows === columns) return writer.graph.depthToSpace(writer.unused(`${name}/blocks`), node, rows);
  const blocks = writer.reshaped(node, [...size, rows, columns, outputs]);
  const order = context.integers('block-axes', [6], [0, 1, 3, 2, 4, 5]);
  const moved = writer.op(`${name}/blocks`, 'Transpose', [blocks, order]);
  return writer.reshaped(moved, [size[0] * rows, size[1] * columns, outputs]);
}

/** Cuts off the rows and columns of the last blocks that are beyond the output. */
function cropped(context: OperatorContext, node: string, axes: Axes, blocks: Pair, outputs: number): Computed {
  const size = axes.map(({ output }) => output);
  const result: Pick<Computed, 'shape' | 'order'> = { shape: [1, outputs, ...size], order: [2, 3, 1] };
  if (axes.every(({ output, stride }, i) => output === (blocks[i] ?? 0) * stride)) {
    return { kind: 'computed', node, ...result };
  }
  const begin = context.integers('begin', [4], [0, 0, 0, 0]);
  const extent = context.integers('extent', [4], [-1, ...size, -1]);
  return context.op('Slice', [node, begin, extent], result);
}
