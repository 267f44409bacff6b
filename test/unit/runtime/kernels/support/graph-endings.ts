import { base64, type RandomGraph } from './random-graph.ts';

/** Each appends the last operators of a graph and returns the name of the output. */
export const endings: Record<string, (graph: RandomGraph) => string> = {
  image: ({ last }) => last.name,
  vector(graph) {
    const { builder, last } = graph;
    const axes = builder.integers(graph.nextName(), [2], [1, 2]);
    const mean = builder.op(graph.nextName(), 'Mean', [last.name, axes], { keep_dims: { b: false } });
    const attributes = { transpose_a: { b: false }, transpose_b: { b: false } };
    const product = builder.op(graph.nextName(), 'MatMul', [mean, graph.weights(last.channels, 13)], attributes);
    const sum = builder.op(graph.nextName(), 'AddV2', [product, graph.weights(13)]);
    return graph.pick(sum, builder.op(graph.nextName(), 'Softmax', [sum]));
  },
  flattened(graph) {
    const { builder, last } = graph;
    const length = last.height * last.width * last.channels;
    const flat = builder.op(graph.nextName(), 'Reshape', [
      last.name,
      builder.integers(graph.nextName(), [2], [-1, length]),
    ]);
    const [weights, bias] = [graph.weights(length, 7), graph.weights(7)];
    return builder.op(graph.nextName(), '_FusedMatMul', [flat, weights, bias], {
      transpose_a: { b: false },
      transpose_b: { b: false },
      fused_ops: { list: { s: ['BiasAdd', 'Relu'].map((name) => base64(name).s) } },
      num_args: { i: '1' },
      epsilon: { f: 0 },
    });
  },
  concatenation(graph) {
    const { builder, last, tensors } = graph;
    const flatten = ({ name, height, width, channels }: typeof last) =>
      builder.op(graph.nextName(), 'Reshape', [
        name,
        builder.integers(graph.nextName(), [3], [-1, height * width * channels, 1]),
      ]);
    const columns = [last, graph.pick(...tensors.slice(1))].map(flatten);
    const axis = builder.integers(graph.nextName(), [], [1]);
    const joined = builder.op(graph.nextName(), 'ConcatV2', [...columns, axis], { N: { i: '2' } });
    const [begin, size] = [
      builder.integers(graph.nextName(), [3], [0, 1, 0]),
      builder.integers(graph.nextName(), [3], [-1, -1, -1]),
    ];
    const tail = builder.op(graph.nextName(), 'Slice', [joined, begin, size]);
    const scaled = builder.op(graph.nextName(), 'Mul', [
      builder.op(graph.nextName(), 'Sigmoid', [tail]),
      graph.weights(1),
    ]);
    return builder.op(graph.nextName(), 'Exp', [scaled]);
  },
};
