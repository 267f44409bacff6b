import { float, GraphDef, ints, text } from './graph-def.ts';
import { RandomWeights } from './random-weights.ts';

const scope = 'InceptionResnetV1';
const padded = { SAME: text('SAME'), VALID: text('VALID') };
const nhwc = { data_format: text('NHWC') };

/**
 * The frozen graph of David Sandberg's release of 2018 with random weights: the output of `freeze_graph.py` for the
 * graph that `train_softmax.py` builds from `inception_resnet_v1.py` with TensorFlow 1.7. It follows these files and
 * TF-slim's `batch_norm` line by line: both branches of a switch by `phase_train` hold a batch normalisation, and the
 * training branch updates the moving statistics. The input is `input`, the output `embeddings`.
 */
export function frozenFacenet(seed: number, dimension = 512): GraphDef {
  const graph = new GraphDef();
  const random = new RandomWeights(seed);
  const channels = new Map<string, number>();

  const variable = (name: string, shape: readonly number[], values: Float32Array) =>
    graph.add(`${name}/read`, 'Identity', [graph.constant(name, shape, values)], { T: float });
  const asSwitch = (name: string, data: string, predicate: string) =>
    graph.add(name, 'Switch', [data, predicate], { T: float });

  /** `tf.cond(phase_train, …)`: its switch, and the nodes that its branches depend on. */
  const cond = (name: string) => {
    const bool = { T: { type: 'DT_BOOL' } };
    graph.add(`${name}/Switch`, 'Switch', ['phase_train', 'phase_train'], bool);
    return {
      whenTraining: graph.add(`${name}/switch_t`, 'Identity', [`${name}/Switch:1`], bool),
      predicate: graph.add(`${name}/pred_id`, 'Identity', ['phase_train'], bool),
    };
  };

  /** slim.batch_norm(scale=False, fused=True, updates_collections=None) */
  const batchNorm = (path: string, x: string, filters: number) => {
    const name = `${path}/BatchNorm`;
    const gamma = graph.constant(`${name}/Const`, [filters], new Float32Array(filters).fill(1));
    const beta = variable(`${name}/beta`, [filters], random.offsets(filters));
    const mean = variable(`${name}/moving_mean`, [filters], random.offsets(filters));
    const variance = variable(`${name}/moving_variance`, [filters], random.variances(filters));

    const { whenTraining, predicate } = cond(`${name}/cond`);
    const empty = ['Const', 'Const_1'].map((each) =>
      graph.constant(`${name}/cond/${each}`, [0], [], { control: [whenTraining] }),
    );
    const norm = (node: string, branch: number, data: string[], statistics: string[]) => {
      const switched = data.map((each, i) => {
        const at = asSwitch(`${name}/cond/${node}/Switch${i > 0 ? `_${i}` : ''}`, each, predicate);
        return branch === 1 ? `${at}:1` : at;
      });
      return graph.add(`${name}/cond/${node}`, 'FusedBatchNorm', [...switched, ...statistics], {
        T: float,
        ...nhwc,
        epsilon: { f: 0.001 },
        is_training: { b: branch === 1 },
      });
    };
    const branches = [
      norm('FusedBatchNorm_1', 0, [x, gamma, beta, mean, variance], []),
      norm('FusedBatchNorm', 1, [x, gamma, beta], empty),
    ];
    const [y, batchMean, batchVariance] = ['Merge', 'Merge_1', 'Merge_2'].map((each, i) =>
      graph.add(
        `${name}/cond/${each}`,
        'Merge',
        branches.map((branch) => (i === 0 ? branch : `${branch}:${i}`)),
        { T: float, N: { i: 2 } },
      ),
    ) as [string, string, string];

    // freeze_graph.py converts AssignSub and RefSwitch to Sub and Switch.
    const update = cond(`${name}/cond_1`);
    const updated = [mean, variance].map((moving, i) => {
      const at = `${name}/cond_1/AssignMovingAvg${i === 0 ? '' : '_1'}`;
      const decay = graph.constant(`${at}/decay`, [], [0.005], { control: [update.whenTraining] });
      const [moved, current] = [moving, [batchMean, batchVariance][i] as string].map((data, j) =>
        asSwitch(`${at}/sub/Switch${j === 0 ? '' : '_1'}`, data, update.predicate),
      );
      const difference = graph.add(`${at}/sub`, 'Sub', [`${moved}:1`, `${current}:1`], { T: float });
      const step = graph.add(`${at}/mul`, 'Mul', [difference, decay], { T: float });
      return graph.add(at, 'Sub', [`${asSwitch(`${at}/Switch`, moving, update.predicate)}:1`, step], { T: float });
    });
    const trained = graph.add(
      `${name}/cond_1/Identity`,
      'Identity',
      [`${asSwitch(`${name}/cond_1/Identity/Switch`, y, update.predicate)}:1`, ...updated.map((each) => `^${each}`)],
      { T: float },
    );
    const unchanged = asSwitch(`${name}/cond_1/Switch_1`, y, update.predicate);
    return graph.add(`${name}/cond_1/Merge`, 'Merge', [unchanged, trained], { T: float, N: { i: 2 } });
  };

  const withDepth = (node: string, count: number) => {
    channels.set(node, count);
    return node;
  };
  const depth = (node: string) => channels.get(node) as number;

  const conv2d = (
    net: string,
    filters: number,
    kernel: number | [number, number],
    name: string,
    { stride = 1, padding = 'SAME' }: { stride?: number; padding?: 'SAME' | 'VALID' } = {},
    plain = false,
  ) => {
    const path = `${scope}/${name}`;
    const shape = [...(Array.isArray(kernel) ? kernel : [kernel, kernel]), depth(net), filters];
    const weights = variable(`${path}/weights`, shape, random.products(shape));
    const product = graph.add(`${path}/Conv2D`, 'Conv2D', [net, weights], {
      T: float,
      ...nhwc,
      padding: padded[padding],
      strides: ints(1, stride, stride, 1),
      dilations: ints(1, 1, 1, 1),
      use_cudnn_on_gpu: { b: true },
    });
    if (plain) {
      const biases = variable(`${path}/biases`, [filters], random.offsets(filters));
      return withDepth(graph.add(`${path}/BiasAdd`, 'BiasAdd', [product, biases], { T: float, ...nhwc }), filters);
    }
    const normalised = batchNorm(path, product, filters);
    return withDepth(graph.add(`${path}/Relu`, 'Relu', [normalised], { T: float }), filters);
  };
  const valid = { padding: 'VALID' } as const;
  const halving = { padding: 'VALID', stride: 2 } as const;

  const maxPool = (net: string, name: string) =>
    withDepth(
      graph.add(`${scope}/${name}/MaxPool`, 'MaxPool', [net], {
        T: float,
        ...nhwc,
        padding: padded.VALID,
        ksize: ints(1, 3, 3, 1),
        strides: ints(1, 2, 2, 1),
      }),
      depth(net),
    );
  const concat = (name: string, values: string[]) => {
    const axis = graph.constant(`${scope}/${name}/axis`, [], [3], { dtype: 'int32' });
    const attributes = { T: float, N: { i: values.length }, Tidx: { type: 'DT_INT32' } };
    return withDepth(
      graph.add(`${scope}/${name}`, 'ConcatV2', [...values, axis], attributes),
      values.reduce((sum, value) => sum + depth(value), 0),
    );
  };

  /** net += scale * up; activation_fn(net) */
  const residual = (name: string, net: string, towers: string[], scale: number, activation = true) => {
    const mixed = concat(`${name}/concat`, towers);
    const up = conv2d(mixed, depth(net), 1, `${name}/Conv2d_1x1`, {}, true);
    const factor = graph.constant(`${scope}/${name}/mul/x`, [], [scale]);
    const scaled = graph.add(`${scope}/${name}/mul`, 'Mul', [factor, up], { T: float });
    const sum = graph.add(`${scope}/${name}/add`, 'Add', [net, scaled], { T: float });
    return withDepth(activation ? graph.add(`${scope}/${name}/Relu`, 'Relu', [sum], { T: float }) : sum, depth(net));
  };
  const block35 = (net: string, name: string) => {
    const one = conv2d(net, 32, 1, `${name}/Branch_0/Conv2d_1x1`);
    let two = conv2d(net, 32, 1, `${name}/Branch_1/Conv2d_0a_1x1`);
    two = conv2d(two, 32, 3, `${name}/Branch_1/Conv2d_0b_3x3`);
    let three = conv2d(net, 32, 1, `${name}/Branch_2/Conv2d_0a_1x1`);
    three = conv2d(three, 32, 3, `${name}/Branch_2/Conv2d_0b_3x3`);
    three = conv2d(three, 32, 3, `${name}/Branch_2/Conv2d_0c_3x3`);
    return residual(name, net, [one, two, three], 0.17);
  };
  const block17 = (net: string, name: string) => {
    const one = conv2d(net, 128, 1, `${name}/Branch_0/Conv2d_1x1`);
    let two = conv2d(net, 128, 1, `${name}/Branch_1/Conv2d_0a_1x1`);
    two = conv2d(two, 128, [1, 7], `${name}/Branch_1/Conv2d_0b_1x7`);
    two = conv2d(two, 128, [7, 1], `${name}/Branch_1/Conv2d_0c_7x1`);
    return residual(name, net, [one, two], 0.1);
  };
  const block8 = (net: string, name: string, scale = 1, activation = true) => {
    const one = conv2d(net, 192, 1, `${name}/Branch_0/Conv2d_1x1`);
    let two = conv2d(net, 192, 1, `${name}/Branch_1/Conv2d_0a_1x1`);
    two = conv2d(two, 192, [1, 3], `${name}/Branch_1/Conv2d_0b_1x3`);
    two = conv2d(two, 192, [3, 1], `${name}/Branch_1/Conv2d_0c_3x1`);
    return residual(name, net, [one, two], scale, activation);
  };

  graph.add('phase_train', 'Placeholder', [], { dtype: { type: 'DT_BOOL' }, shape: { shape: { unknownRank: true } } });
  graph.add('image_batch', 'Placeholder', [], {
    dtype: float,
    shape: { shape: { dim: [-1, 160, 160, 3].map((size) => ({ size })) } },
  });
  let net = withDepth(graph.add('input', 'Identity', ['image_batch'], { T: float }), 3);
  net = conv2d(net, 32, 3, 'Conv2d_1a_3x3', halving);
  net = conv2d(net, 32, 3, 'Conv2d_2a_3x3', valid);
  net = conv2d(net, 64, 3, 'Conv2d_2b_3x3');
  net = maxPool(net, 'MaxPool_3a_3x3');
  net = conv2d(net, 80, 1, 'Conv2d_3b_1x1', valid);
  net = conv2d(net, 192, 3, 'Conv2d_4a_3x3', valid);
  net = conv2d(net, 256, 3, 'Conv2d_4b_3x3', halving);
  for (let i = 1; i <= 5; i++) net = block35(net, `Repeat/block35_${i}`);

  const a0 = conv2d(net, 384, 3, 'Mixed_6a/Branch_0/Conv2d_1a_3x3', halving);
  let a1 = conv2d(net, 192, 1, 'Mixed_6a/Branch_1/Conv2d_0a_1x1');
  a1 = conv2d(a1, 192, 3, 'Mixed_6a/Branch_1/Conv2d_0b_3x3');
  a1 = conv2d(a1, 256, 3, 'Mixed_6a/Branch_1/Conv2d_1a_3x3', halving);
  net = concat('Mixed_6a/concat', [a0, a1, maxPool(net, 'Mixed_6a/Branch_2/MaxPool_1a_3x3')]);
  for (let i = 1; i <= 10; i++) net = block17(net, `Repeat_1/block17_${i}`);

  let b0 = conv2d(net, 256, 1, 'Mixed_7a/Branch_0/Conv2d_0a_1x1');
  b0 = conv2d(b0, 384, 3, 'Mixed_7a/Branch_0/Conv2d_1a_3x3', halving);
  let b1 = conv2d(net, 256, 1, 'Mixed_7a/Branch_1/Conv2d_0a_1x1');
  b1 = conv2d(b1, 256, 3, 'Mixed_7a/Branch_1/Conv2d_1a_3x3', halving);
  let b2 = conv2d(net, 256, 1, 'Mixed_7a/Branch_2/Conv2d_0a_1x1');
  b2 = conv2d(b2, 256, 3, 'Mixed_7a/Branch_2/Conv2d_0b_3x3');
  b2 = conv2d(b2, 256, 3, 'Mixed_7a/Branch_2/Conv2d_1a_3x3', halving);
  net = concat('Mixed_7a/concat', [b0, b1, b2, maxPool(net, 'Mixed_7a/Branch_3/MaxPool_1a_3x3')]);
  for (let i = 1; i <= 5; i++) net = block8(net, `Repeat_2/block8_${i}`, 0.2);
  net = block8(net, 'Block8', 1, false);

  const logits = `${scope}/Logits`;
  net = graph.add(`${logits}/AvgPool_1a_8x8/AvgPool`, 'AvgPool', [net], {
    T: float,
    ...nhwc,
    padding: padded.VALID,
    ksize: ints(1, 3, 3, 1),
    strides: ints(1, 1, 1, 1),
  });
  const flat = graph.constant(`${logits}/Flatten/flatten/Reshape/shape`, [2], [-1, 1792], { dtype: 'int32' });
  net = graph.add(`${logits}/Flatten/flatten/Reshape`, 'Reshape', [net, flat], { T: float });
  net = dropout(graph, `${logits}/Dropout`, net, cond, asSwitch);

  const bottleneck = `${scope}/Bottleneck`;
  const matrix = variable(`${bottleneck}/weights`, [1792, dimension], random.products([1792, dimension]));
  const transposed = { transpose_a: { b: false }, transpose_b: { b: false } };
  net = graph.add(`${bottleneck}/MatMul`, 'MatMul', [net, matrix], { T: float, ...transposed });
  // Fused batch normalisation takes rank-4 tensors only.
  const asPicture = graph.constant(`${bottleneck}/BatchNorm/Reshape/shape`, [4], [-1, 1, 1, dimension], {
    dtype: 'int32',
  });
  net = graph.add(`${bottleneck}/BatchNorm/Reshape`, 'Reshape', [net, asPicture], { T: float });
  net = batchNorm(bottleneck, net, dimension);
  const asVector = graph.constant(`${bottleneck}/BatchNorm/Reshape_1/shape`, [2], [-1, dimension], { dtype: 'int32' });
  net = graph.add(`${bottleneck}/BatchNorm/Reshape_1`, 'Reshape', [net, asVector], { T: float });

  // tf.nn.l2_normalize(prelogits, 1, 1e-10, name='embeddings')
  const square = graph.add('embeddings/Square', 'Square', [net], { T: float });
  const axes = graph.constant('embeddings/Sum/reduction_indices', [1], [1], { dtype: 'int32' });
  const sum = graph.add('embeddings/Sum', 'Sum', [square, axes], { T: float, keep_dims: { b: true } });
  const epsilon = graph.constant('embeddings/Maximum/y', [], [1e-10]);
  const clamped = graph.add('embeddings/Maximum', 'Maximum', [sum, epsilon], { T: float });
  graph.add('embeddings', 'Mul', [net, graph.add('embeddings/Rsqrt', 'Rsqrt', [clamped], { T: float })], { T: float });
  return graph;
}

/** slim.dropout(net, keep_prob, is_training=phase_train) */
function dropout(
  graph: GraphDef,
  name: string,
  x: string,
  cond: (name: string) => { whenTraining: string; predicate: string },
  asSwitch: (name: string, data: string, predicate: string) => string,
): string {
  const { whenTraining, predicate } = cond(`${name}/cond`);
  const at = `${name}/cond/dropout`;
  const number = (each: string, value: number) =>
    graph.constant(`${at}/${each}`, [], [value], { control: [whenTraining] });
  const own = `${asSwitch(`${at}/Shape/Switch`, x, predicate)}:1`;
  const add = (each: string, op: string, ...input: string[]) => graph.add(`${at}/${each}`, op, input, { T: float });
  const shape = graph.add(`${at}/Shape`, 'Shape', [own], { T: float, out_type: { type: 'DT_INT32' } });
  const keep = number('keep_prob', 0.8);
  const [min, max] = [number('random_uniform/min', 0), number('random_uniform/max', 1)];
  const uniform = graph.add(`${at}/random_uniform/RandomUniform`, 'RandomUniform', [shape], {
    dtype: float,
    T: { type: 'DT_INT32' },
  });
  const range = add('random_uniform/sub', 'Sub', max, min);
  const scaled = add('random_uniform/mul', 'Mul', uniform, range);
  const mask = add('Floor', 'Floor', add('add', 'Add', keep, add('random_uniform', 'Add', scaled, min)));
  const dropped = add('mul', 'Mul', add('div', 'RealDiv', own, keep), mask);
  const inference = asSwitch(`${name}/cond/Identity/Switch`, x, predicate);
  const kept = graph.add(`${name}/cond/Identity`, 'Identity', [inference], { T: float });
  return graph.add(`${name}/cond/Merge`, 'Merge', [kept, dropped], { T: float, N: { i: 2 } });
}
