import type { RandomGraph } from './random-graph.ts';

/** Further operators for random graphs, each in a random form; see graph-operators.ts. */
export const arithmeticOperators: Record<string, (graph: RandomGraph) => void> = {
  constantOperand(graph) {
    const { name, height, width, channels } = graph.last;
    const op = graph.pick('Mul', 'Sub', 'RealDiv', 'AddV2', 'Maximum', 'Minimum');
    const shape = graph.pick([channels], [1, 1, channels], [1, height, width, 1], [height, width, channels], []);
    const constant = positive(graph, shape);
    const operands = op === 'RealDiv' ? [name, constant] : graph.pick([name, constant], [constant, name]);
    graph.push(graph.builder.op(graph.nextName(), op, operands), height, width, channels);
  },
  gate(graph) {
    const { name, height, width, channels } = graph.last;
    const mean = graph.builder.op(graph.nextName(), 'Mean', [name, axesOf(graph, [1, 2])], { keep_dims: { b: true } });
    const gate = graph.builder.op(graph.nextName(), 'Sigmoid', [mean]);
    const op = graph.pick('Mul', 'Mul', 'Sub', 'AddV2', 'Maximum');
    const operands = graph.pick([name, gate], [gate, name]);
    const gated = graph.builder.op(graph.nextName(), op, operands);
    graph.push(graph.pick(gated, graph.builder.op(graph.nextName(), 'Relu', [gated])), height, width, channels);
  },
  product(graph) {
    const { name, height, width, channels } = graph.last;
    const other = graph.builder.op(graph.nextName(), 'Sigmoid', [name]);
    const op = graph.pick('Mul', 'RealDiv', 'Sub', 'Minimum');
    const product = graph.builder.op(graph.nextName(), op, [name, other]);
    graph.push(product, height, width, channels);
  },
  function(graph) {
    const { name, height, width, channels } = graph.last;
    const op = graph.pick('Tanh', 'Square', 'Neg', 'Abs', 'Softplus', 'Elu', 'Erf');
    graph.push(graph.builder.op(graph.nextName(), op, [name]), height, width, channels);
  },
  clamp(graph) {
    const { name, height, width, channels } = graph.last;
    const limit = (op: string, x: string, value: number) =>
      graph.builder.op(graph.nextName(), op, [x, graph.builder.floats(graph.nextName(), [], [value])]);
    graph.push(limit('Minimum', limit('Maximum', name, -0.2), 0.4), height, width, channels);
  },
  paddedMaximum(graph) {
    const { name, height, width, channels } = graph.last;
    if (Math.min(height, width) < 3) return;
    const paddings = graph.builder.integers(graph.nextName(), [4, 2], [0, 0, 1, 1, 1, 0, 0, 0]);
    const lowest = graph.builder.floats(graph.nextName(), [], [-3.4028234663852886e38]);
    const padded = graph.builder.op(graph.nextName(), 'PadV2', [name, paddings, lowest]);
    const stride = graph.integer(1, 2);
    const made = graph.builder.pool(graph.nextName(), padded, 'MaxPool', 3, stride, 'VALID');
    const count = (size: number) => Math.floor((size - 3) / stride) + 1;
    graph.push(made, count(height + 2), count(width + 1), channels);
  },
  nearest(graph) {
    const { name, height, width, channels } = graph.last;
    const factor = graph.integer(1, 2);
    const size = graph.builder.integers(graph.nextName(), [2], [height * factor, width * factor]);
    const attributes = { align_corners: { b: false }, half_pixel_centers: { b: graph.pick(true, false) } };
    const made = graph.builder.op(graph.nextName(), 'ResizeNearestNeighbor', [name, size], attributes);
    graph.push(made, height * factor, width * factor, channels);
  },
  transpose(graph) {
    const { name, height, width, channels } = graph.last;
    graph.push(
      graph.builder.op(graph.nextName(), 'Transpose', [name, axesOf(graph, [0, 2, 1, 3])]),
      width,
      height,
      channels,
    );
  },
  reshapedImage(graph) {
    const { name, height, width, channels } = graph.last;
    const shape = graph.builder.integers(graph.nextName(), [4], [-1, width, height, channels]);
    graph.push(graph.builder.op(graph.nextName(), 'Reshape', [name, shape]), width, height, channels);
    graph.push(graph.builder.op(graph.nextName(), 'Relu', [graph.last.name]), width, height, channels);
  },
  slice(graph) {
    const { name, height, width, channels } = graph.last;
    const integers = (values: number[]) => graph.builder.integers(graph.nextName(), [4], values);
    const mask = (bits: number) => ({ i: String(bits) });
    const masks = { begin_mask: mask(1), end_mask: mask(1), ellipsis_mask: mask(0) };
    const made = graph.builder.op(
      graph.nextName(),
      'StridedSlice',
      [name, integers([0, 1, 0, 0]), integers([0, height, width, channels]), integers([1, 2, 1, 1])],
      { ...masks, new_axis_mask: mask(0), shrink_axis_mask: mask(0) },
    );
    graph.push(made, Math.ceil((height - 1) / 2), width, channels);
  },
  reduction(graph) {
    const { name, height, width, channels } = graph.last;
    const op = graph.pick('Sum', 'Max', 'Min', 'Mean');
    const [axes, reduced] = graph.pick([[3], [height, width, 1]] as const, [[1], [1, width, channels]] as const);
    const made = graph.builder.op(graph.nextName(), op, [name, axesOf(graph, axes)], { keep_dims: { b: true } });
    const scale = graph.builder.floats(graph.nextName(), [], [1 / (op === 'Sum' ? Math.max(height, channels) : 1)]);
    graph.push(graph.builder.op(graph.nextName(), 'Mul', [made, scale]), ...(reduced as [number, number, number]));
  },
};

function axesOf(graph: RandomGraph, axes: readonly number[]): string {
  return graph.builder.integers(graph.nextName(), [axes.length], axes);
}

/** A constant whose values are between ½ and 2, so that it can be a divisor. */
function positive(graph: RandomGraph, shape: readonly number[]): string {
  const length = shape.reduce((product, size) => product * size, 1);
  const values = Array.from({ length }, () => graph.integer(2, 8) / 4);
  return graph.builder.floats(graph.nextName(), [...shape], values);
}
