import { arithmeticOperators } from './arithmetic-operators.ts';
import { outputSize, type RandomGraph } from './random-graph.ts';

/** Each appends an operator, in a random form, to the last tensor of a graph. */
export const operators: Record<string, (graph: RandomGraph) => void> = {
  convolution(graph) {
    const { name, height, width, channels } = graph.last;
    const [rows, columns] = [graph.integer(1, Math.min(5, height)), graph.integer(1, Math.min(5, width))];
    const outputs = graph.integer(1, 19);
    const [stride, padding] = [graph.integer(1, 2), graph.pick('SAME' as const, 'VALID' as const)];
    const activation = graph.pick(undefined, 'Relu' as const, 'Relu6' as const, 'Prelu' as const);
    const [filter, bias] = [graph.weights(rows, columns, channels, outputs), graph.weights(outputs)];
    const alpha = activation === 'Prelu' ? { alpha: graph.weights(1, 1, outputs) } : {};
    const options = { stride, padding, ...(activation && { activation }), ...alpha };
    const made = graph.builder.convolution(graph.nextName(), name, filter, bias, options);
    graph.push(made, outputSize(height, rows, stride, padding), outputSize(width, columns, stride, padding), outputs);
  },
  winograd(graph) {
    const { name, height, width, channels } = graph.last;
    const inputs = graph.pick(16, 20, 24);
    const [outputs, padding] = [graph.pick(16, 19, 28), graph.pick('SAME' as const, 'VALID' as const)];
    const [pointwise, bias0] = [graph.weights(1, 1, channels, inputs), graph.weights(inputs)];
    const wide = graph.builder.convolution(graph.nextName(), name, pointwise, bias0);
    const [filter, bias] = [graph.weights(3, 3, inputs, outputs), graph.weights(outputs)];
    const alpha = graph.pick({}, { activation: 'Prelu' as const, alpha: graph.weights(1, 1, outputs) });
    if (padding === 'VALID' && Math.min(height, width) < 3) return;
    const made = graph.builder.convolution(graph.nextName(), wide, filter, bias, { padding, ...alpha });
    const [h, w] = [outputSize(height, 3, 1, padding), outputSize(width, 3, 1, padding)];
    graph.push(made, h, w, outputs);
    // Add the input as the residual if the shapes allow it.
    if (padding === 'VALID' || 'alpha' in alpha || inputs > outputs) return;
    const paddings = graph.builder.integers(graph.nextName(), [4, 2], [0, 0, 0, 0, 0, 0, 0, outputs - inputs]);
    const shortcut = graph.builder.op(graph.nextName(), 'Pad', [wide, paddings]);
    graph.push(graph.builder.op(graph.nextName(), 'AddV2', [shortcut, made]), h, w, outputs);
  },
  depthwise(graph) {
    const { name, height, width, channels } = graph.last;
    const size = graph.pick(3, 3, graph.integer(1, 5));
    const rows = Math.min(size, height);
    const columns = Math.min(size, width);
    const [stride, padding] = [graph.integer(1, 2), graph.pick('SAME' as const, 'VALID' as const)];
    const activation = graph.pick(undefined, 'Relu' as const, 'Relu6' as const);
    const [filter, bias] = [graph.weights(rows, columns, channels, 1), graph.weights(channels)];
    const options = { depthwise: true, stride, padding, ...(activation && { activation }) };
    const made = graph.builder.convolution(graph.nextName(), name, filter, bias, options);
    graph.push(made, outputSize(height, rows, stride, padding), outputSize(width, columns, stride, padding), channels);
  },
  pool(graph) {
    const { name, height, width, channels } = graph.last;
    const size = graph.integer(1, Math.min(3, height, width));
    const [stride, padding] = [graph.integer(1, 2), graph.pick('SAME' as const, 'VALID' as const)];
    const made = graph.builder.pool(graph.nextName(), name, graph.pick('MaxPool', 'AvgPool'), size, stride, padding);
    graph.push(made, outputSize(height, size, stride, padding), outputSize(width, size, stride, padding), channels);
  },
  residual(graph) {
    const { name, height, width, channels } = graph.last;
    const outputs = channels + graph.pick(0, 0, 1, 4, 6);
    const others = graph.tensors.filter(
      (other) => other.height === height && other.width === width && other.channels <= outputs,
    );
    const other = graph.pick(...others);
    const paddings = graph.builder.integers(graph.nextName(), [4, 2], [0, 0, 0, 0, 0, 0, 0, outputs - other.channels]);
    const shortcut = graph.builder.op(graph.nextName(), 'Pad', [other.name, paddings]);
    const [filter, bias] = [graph.weights(1, 1, channels, outputs), graph.weights(outputs)];
    const convolved = graph.builder.convolution(graph.nextName(), name, filter, bias);
    const terms = graph.pick([shortcut, convolved], [convolved, shortcut]);
    graph.push(graph.builder.op(graph.nextName(), 'AddV2', terms), height, width, outputs);
  },
  sum(graph) {
    const { name, height, width, channels } = graph.last;
    const made = graph.builder.op(graph.nextName(), 'AddV2', [name, name]);
    graph.push(made, height, width, channels);
  },
  bias(graph) {
    const { name, height, width, channels } = graph.last;
    graph.push(graph.builder.op(graph.nextName(), 'AddV2', [name, graph.weights(channels)]), height, width, channels);
  },
  activation(graph) {
    const { name, height, width, channels } = graph.last;
    const op = graph.pick('Relu', 'Relu6', 'Prelu', 'LeakyRelu', 'Swish', 'HardSwish');
    const inputs = op === 'Prelu' ? [name, graph.weights(1, 1, channels)] : [name];
    const attributes = op === 'LeakyRelu' ? { alpha: { f: 0.1 } } : {};
    graph.push(graph.builder.op(graph.nextName(), op, inputs, attributes), height, width, channels);
  },
  pad(graph) {
    const { name, height, width, channels } = graph.last;
    const [top, bottom, left, right] = [0, 0, 0, 0].map(() => graph.integer(0, 2)) as [number, number, number, number];
    const paddings = graph.builder.integers(graph.nextName(), [4, 2], [0, 0, top, bottom, left, right, 0, 0]);
    const made = graph.builder.op(graph.nextName(), 'Pad', [name, paddings]);
    graph.push(made, height + top + bottom, width + left + right, channels);
  },
  resize(graph) {
    const { name, channels } = graph.last;
    const [height, width] = [graph.integer(2, 12), graph.integer(2, 12)];
    const size = graph.builder.integers(graph.nextName(), [2], [height, width]);
    const mode = graph.pick('align_corners', 'half_pixel_centers', undefined);
    const attributes = {
      align_corners: { b: mode === 'align_corners' },
      half_pixel_centers: { b: mode === 'half_pixel_centers' },
    };
    graph.push(graph.builder.op(graph.nextName(), 'ResizeBilinear', [name, size], attributes), height, width, channels);
  },
  depthToSpace(graph) {
    const { name, height, width, channels } = graph.last;
    if (channels % 4 !== 0 || height > 8) return;
    graph.push(graph.builder.depthToSpace(graph.nextName(), name, 2), height * 2, width * 2, channels / 4);
  },
  ...arithmeticOperators,
};
