import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { seeded } from '../../../lib/core/random.ts';
import { architectures } from '../../../lib/training/networks/architectures/architectures.ts';
import {
  type Architecture,
  convolution,
  fullyConnected,
  type Layer,
  pooling,
} from '../../../lib/training/networks/description.ts';
import { operationsOf } from '../../../lib/training/networks/operations.ts';
import { buildNetwork, type TrainableNetwork } from '../../../lib/training/networks/trainable-network.ts';
import { loadWeights } from '../../../lib/training/networks/weights.ts';
import { tripletLoss } from '../../../lib/training/triplets/losses.ts';
import { selectTriplets } from '../../../lib/training/triplets/selection.ts';
import { countTriplets, type TripletCounts } from '../../../lib/training/triplets/triplets.ts';

beforeAll(() => tf.setBackend('cpu'));

const of = (input: Architecture['input'], ...layers: Layer[]): Architecture => ({
  name: 'small',
  source: '',
  input,
  layers,
});
const flat: Layer = { kind: 'flattening', name: 'flat' };

/** What one picture becomes in a network whose weights are all given. */
async function run(
  architecture: Architecture,
  values: number[],
  weights: Record<string, number[]> = {},
): Promise<number[]> {
  const network = await buildNetwork(tf, architecture);
  const tensors = Object.fromEntries(
    [...network.weights].map(([name, { shape }]) => [name, tf.tensor(weights[name] ?? [], shape)]),
  );
  loadWeights(network, tensors);
  const result = network.embed(tf.tensor4d(values, [1, ...architecture.input]));
  network.dispose();
  return [...result.dataSync()];
}

const near = (actual: readonly number[], expected: readonly number[]) => {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i] as number, 5);
};

describe('each kind of layer', () => {
  test('convolution, with ReLU', async () => {
    // A 1×3 kernel that takes the left neighbour from the right one; zeros around.
    const edge = convolution('edge', 1, [1, 3]);
    near(await run(of([1, 4, 1], edge), [1, 2, 4, 3], { 'edge/weights': [-1, 0, 1] }), [2, 3, 1, 0]);
    const strided = convolution('edge', 1, [1, 3], { padding: 'valid', activation: 'linear', offset: 'bias' });
    const weights = { 'edge/weights': [-1, 0, 1], 'edge/biases': [10] };
    near(await run(of([1, 4, 1], strided), [1, 2, 4, 3], weights), [13, 11]);
  });

  test('max pooling and L2 pooling, where beyond the edge there are zeros', async () => {
    const values = [3, 4, 0, 0, 0, 0, 0, 0, 12];
    near(await run(of([3, 3, 1], pooling('pool', 'max', 2)), values), [4, 4, 0, 12]);
    near(await run(of([3, 3, 1], pooling('pool', 'l2', 1)), values), [5, 5, 4, 5, 13, Math.hypot(4, 12), 0, 12, 12]);
    near(await run(of([3, 3, 1], pooling('pool', 'l2', 2)), values), [5, 4, 0, 12]);
    near(await run(of([3, 3, 1], pooling('pool', 'l2', 1, 'valid')), values), [13]);
  });

  test('average pooling is the mean of each channel', async () => {
    near(await run(of([1, 2, 2], { kind: 'average-pooling', name: 'mean' }), [1, 10, 3, 30]), [2, 20]);
  });

  test('response normalisation divides by the energy of five channels', async () => {
    const values = [100, 200, 300, 400];
    const layer: Layer = { kind: 'response-normalisation', name: 'norm' };
    const energy = (from: number, to: number) => values.slice(from, to).reduce((sum, value) => sum + value ** 2, 0);
    const expected = [energy(0, 3), energy(0, 4), energy(0, 4), energy(1, 4)].map(
      (sum, i) => (values[i] as number) / (1 + (1e-4 / 5) * sum) ** 0.75,
    );
    const actual = await run(of([1, 1, 4], layer), values);
    near(
      actual.map((value, i) => value / (expected[i] as number)),
      [1, 1, 1, 1],
    );
  });

  test('maxout takes the largest of p products', async () => {
    const layer = fullyConnected('fc', 2, { maxout: 2 });
    // Columns: unit 1's two pieces, unit 2's two pieces.
    const weights = { 'fc/weights': [1, 2, 0, -1, 0, -1, 3, 1] };
    near(await run(of([1, 1, 2], flat, layer), [1, 1], weights), [1, 3]);
    near(await run(of([1, 1, 2], flat, layer), [1, -1], weights), [3, -2]);
  });

  test('a vector is brought to length 1, and one of zeros stays', async () => {
    const layer: Layer = { kind: 'l2-normalisation', name: 'l2' };
    near(await run(of([1, 1, 2], flat, layer), [3, -4]), [0.6, -0.8]);
    near(await run(of([1, 1, 2], flat, layer), [0, 0]), [0, 0]);
  });

  test('branches are put after each other, and a residual is scaled and added', async () => {
    const linear = { activation: 'linear' } as const;
    const fork: Layer = {
      kind: 'block',
      name: 'fork',
      branches: [[convolution('a', 1, 1, linear)], [convolution('b', 1, 1, linear)]],
    };
    const forkWeights = { 'fork/Branch_0/a/weights': [2], 'fork/Branch_1/b/weights': [-1] };
    near(await run(of([1, 2, 1], fork), [1, 3], forkWeights), [2, -1, 6, -3]);
    const residual = { kind: 'residual', name: 'sum', scale: 0.1, layers: [convolution('up', 1, 1, linear)] } as const;
    const weights = { 'sum/up/weights': [-20] };
    near(await run(of([1, 2, 1], { ...residual, activation: 'linear' }), [1, 3], weights), [-1, -3]);
    near(await run(of([1, 2, 1], { ...residual, activation: 'relu' }), [-1, 3], weights), [1, 0]);
  });

  test('batch normalisation takes its moving statistics, but while training those of the batch, and learns them', async () => {
    const layer = convolution('c', 1, 1, { offset: 'batch-normalisation', activation: 'linear' });
    const network = await buildNetwork(tf, of([1, 1, 1], layer));
    loadWeights(network, {
      'c/weights': tf.tensor([2], [1, 1, 1, 1]),
      'c/BatchNorm/beta': tf.tensor([0.5]),
      'c/BatchNorm/moving_mean': tf.tensor([1]),
      'c/BatchNorm/moving_variance': tf.tensor([4]),
    });
    const batch = tf.tensor4d([1, 3], [2, 1, 1, 1]);
    near(
      [...network.embed(batch).dataSync()],
      [2, 6].map((x) => (x - 1) / Math.sqrt(4.001) + 0.5),
    );
    // The batch's mean is 4 and its variance 4.
    near(
      [...network.embed(batch, { training: true }).dataSync()],
      [2, 6].map((x) => (x - 4) / Math.sqrt(4.001) + 0.5),
    );
    const statistic = (name: string) => network.weights.get(`c/BatchNorm/${name}`)?.dataSync()[0];
    expect(statistic('moving_mean')).toBeCloseTo(0.995 * 1 + 0.005 * 4, 5);
    expect(statistic('moving_variance')).toBeCloseTo(4, 5);
    expect(network.trained()).toHaveLength(2);
    expect(network.countParameters()).toBe(2);
  });

  test('dropout drops its share while training, and only then', async () => {
    const network = await buildNetwork(tf, of([1, 1, 4000], flat, { kind: 'dropout', name: 'drop', rate: 0.25 }));
    const ones = tf.ones<tf.Rank.R4>([1, 1, 1, 4000]);
    expect(network.embed(ones).min().dataSync()[0]).toBe(1);
    const [first, second] = [0, 1].map(() => [...network.embed(ones, { training: true }).dataSync()]);
    expect((first?.filter((value) => value === 0).length ?? 0) / 4000).toBeCloseTo(0.25, 1);
    expect(Math.max(...(first ?? []))).toBeCloseTo(1 / 0.75, 5);
    expect(first).not.toEqual(second);
  });
});

/** A network with one of each kind that learns. */
const small = of(
  [6, 6, 2],
  convolution('conv', 4, 3, { offset: 'batch-normalisation' }),
  { kind: 'response-normalisation', name: 'norm' },
  {
    kind: 'block',
    name: 'fork',
    branches: [[convolution('a', 3, 3, { stride: 2, offset: 'bias' })], [pooling('pool', 'l2', 2)]],
  },
  {
    kind: 'residual',
    name: 'sum',
    scale: 0.5,
    layers: [convolution('up', 7, 1, { activation: 'linear' })],
    activation: 'relu',
  },
  pooling('pool', 'max', 2),
  flat,
  fullyConnected('fc', 5, { maxout: 2 }),
  { kind: 'l2-normalisation', name: 'l2' },
);

function pictures(count: number, seed: number): tf.Tensor4D {
  const random = seeded(seed);
  return tf.tensor4d(
    Array.from({ length: count * 72 }, () => 2 * random() - 1),
    [count, 6, 6, 2],
  );
}

describe('training a network', () => {
  test.each([false, true])(
    'has the gradient of finite differences in every weight (batch statistics: %s)',
    async (training) => {
      const network = await buildNetwork(tf, small, { seed: 2 });
      const faces = pictures(6, 4);
      const triplets = [
        { anchor: 0, positive: 1, negative: 2 },
        { anchor: 3, positive: 4, negative: 5 },
      ];
      const loss = () => tripletLoss(tf, network.embed(faces, { training }), triplets, { margin: 2 });
      const { grads } = tf.variableGrads(loss, network.trained());
      let [error, size] = [0, 0];
      for (const weight of network.trained()) {
        const gradient = grads[weight.name]?.dataSync() ?? [];
        const values = weight.dataSync().slice();
        for (let i = 0; i < values.length; i += Math.ceil(values.length / 12)) {
          const at = (by: number) => {
            const moved = values.slice();
            moved[i] = (moved[i] as number) + by;
            weight.assign(tf.tensor(moved, weight.shape));
            return loss().dataSync()[0] as number;
          };
          const difference = (at(5e-4) - at(-5e-4)) / 1e-3;
          error += ((gradient[i] as number) - difference) ** 2;
          size += difference ** 2;
        }
        weight.assign(tf.tensor(values, weight.shape));
      }
      expect(size).toBeGreaterThan(0);
      // Larger steps cross more kinks of ReLU and maxima, smaller ones drown in single precision.
      expect(Math.sqrt(error / size)).toBeLessThan(0.02);
    },
  );

  test('reports fewer and fewer active triplets, of those that a batch by identity can have', async () => {
    const network = await buildNetwork(tf, small);
    const labels = [...'aaabbbccc'];
    const faces = pictures(9, 8);
    const optimizer = tf.train.adagrad(0.05);
    const counts: TripletCounts[] = [];
    for (let step = 0; step < 40; step++) {
      const rows = tf.tidy(() => network.embed(faces, { training: true }).arraySync());
      const embeddings = rows.map((row) => Float32Array.from(row));
      counts.push(countTriplets(embeddings, labels));
      const triplets = selectTriplets(embeddings, labels, { negatives: 'hardest' });
      const loss = () => tripletLoss(tf, network.embed(faces, { training: true }), triplets);
      optimizer.minimize(loss, false, network.trained());
    }
    // 9 anchors, 2 positives and 6 negatives each.
    for (const { valid, hard, semiHard, active } of counts) {
      expect(valid).toBe(108);
      expect(active).toBe(hard + semiHard);
    }
    const [first, last] = [counts[0]?.active ?? 0, counts.at(-1)?.active ?? 108];
    expect(first).toBeGreaterThan(50);
    expect(last).toBeLessThan(first / 2);
  });

  test('lessens the triplet loss, and leaves no tensor behind', async () => {
    const network = await buildNetwork(tf, small);
    const faces = pictures(6, 5);
    const triplets = [0, 1, 2].map((i) => ({ anchor: i, positive: i + 3, negative: (i + 1) % 3 }));
    const optimizer = tf.train.adagrad(0.05);
    const step = () =>
      tf.tidy(() => {
        const loss = () => tripletLoss(tf, network.embed(faces, { training: true }), triplets);
        return optimizer.minimize(loss, true, network.trained())?.dataSync()[0] ?? Number.NaN;
      });
    const first = step();
    const held = tf.memory().numTensors;
    const costs = Array.from({ length: 60 }, step);
    expect(costs.at(-1)).toBeLessThan(0.3 * first);
    expect(tf.memory().numTensors).toBe(held);
  });
});

describe('weights', () => {
  const tensorsOf = (network: TrainableNetwork) =>
    Object.fromEntries(
      [...network.weights].map(([name, weight]) => [name, tf.tensor(weight.dataSync(), weight.shape)]),
    );

  test('come out the same for the same seed, with the spread that He et al. found', async () => {
    const [a, b, c] = await Promise.all([1, 1, 2].map((seed) => buildNetwork(tf, small, { seed })));
    const values = (network: TrainableNetwork | undefined) => [
      ...(network?.weights.get('fc/weights')?.dataSync() ?? []),
    ];
    expect(values(a)).toEqual(values(b));
    expect(values(a)).not.toEqual(values(c));
    const weights = values(a);
    const variance = weights.reduce((sum, value) => sum + value ** 2, 0) / weights.length;
    expect(variance / (2 / 28)).toBeCloseTo(1, 0);
  });

  test('of a trained network load into another, which then answers the same', async () => {
    const [trained, fresh] = await Promise.all([1, 2].map((seed) => buildNetwork(tf, small, { seed })));
    if (!trained || !fresh) throw new Error('unreachable');
    const faces = pictures(3, 6);
    trained.embed(faces, { training: true }).dispose();
    const expected = [...trained.embed(faces).dataSync()];
    expect([...fresh.embed(faces).dataSync()]).not.toEqual(expected);
    const tensors = tensorsOf(trained);
    const held = tf.memory().numTensors;
    loadWeights(fresh, tensors);
    expect(tf.memory().numTensors).toBe(held);
    trained.dispose();
    expect([...fresh.embed(faces).dataSync()]).toEqual(expected);
    // What was handed in stays the caller's, and can be thrown away.
    const kept = tensors['fc/weights'] as tf.Tensor;
    expect(kept.isDisposed).toBe(false);
    tf.dispose(tensors);
    expect([...fresh.embed(faces).dataSync()]).toEqual(expected);
  });

  // NN1's are 560 MB, twice: what each of its kinds of layer has, one of these has as well.
  test.each(['nn2', 'nn3', 'nn4', 'nns1', 'nns2', 'inceptionResNetV1'] as const)(
    'of a %s load into another, which then answers the same',
    { timeout: 120_000 },
    async (name) => {
      const architecture = architectures[name];
      const [one, fresh] = await Promise.all([1, 2].map((seed) => buildNetwork(tf, architecture, { seed })));
      if (!one || !fresh) throw new Error('unreachable');
      loadWeights(fresh, Object.fromEntries(one.weights));
      const bytes = (weight?: tf.Variable) => new Uint8Array(Float32Array.from(weight?.dataSync() ?? []).buffer);
      for (const [name, weight] of one.weights) {
        expect(Buffer.compare(bytes(fresh.weights.get(name)), bytes(weight)), name).toBe(0);
      }
      const picture = tf.randomUniform<tf.Rank.R4>([1, ...architecture.input], -1, 1, 'float32', 1);
      const expected = [...one.embed(picture).dataSync()];
      one.dispose();
      expect([...fresh.embed(picture).dataSync()]).toEqual(expected);
      fresh.dispose();
    },
  );

  test('that do not fit are refused with every name, and change nothing', async () => {
    const network = await buildNetwork(tf, small);
    const before = tensorsOf(network);
    const { 'fc/weights': _, 'conv/weights': conv, ...others } = tensorsOf(network);
    const tensors = { ...others, 'conv/weights': tf.zeros([1, 1, 2, 4]), 'a/b': tf.zeros([1]), 'c/d': tf.zeros([1]) };
    expect(() => loadWeights(network, tensors)).toThrow(
      expect.objectContaining({
        name: 'FaceNetError',
        code: 'weights-mismatch',
        message: expect.stringContaining(
          'missing: fc/weights; surplus: a/b, c/d; misshapen: conv/weights is float32 1×1×2×4 instead of float32 3×3×2×4',
        ),
      }),
    );
    for (const [name, tensor] of Object.entries(before)) {
      expect([...(network.weights.get(name)?.dataSync() ?? [])]).toEqual([...tensor.dataSync()]);
    }
    expect(() => loadWeights(network, { ...tensorsOf(network), 'fc/weights': tf.zeros([28, 10], 'int32') })).toThrow(
      'int32',
    );
    expect(conv?.shape).toEqual([3, 3, 2, 4]);
  });

  test('of Inception-ResNet v1 have the release’s names and shapes', () => {
    const specs = operationsOf(architectures.inceptionResNetV1).flatMap(({ weights }) => weights);
    const shapes = Object.fromEntries(specs.map(({ name, shape }) => [name, shape.join('×')]));
    // 111 convolutions with batch normalisation, 21 without, and the bottleneck.
    expect(specs.filter(({ role }) => role === 'weights')).toHaveLength(133);
    expect(specs.filter(({ role }) => role === 'biases')).toHaveLength(21);
    expect(specs.filter(({ role }) => role === 'moving variance')).toHaveLength(112);
    expect(shapes).toMatchObject({
      'InceptionResnetV1/Conv2d_1a_3x3/weights': '3×3×3×32',
      'InceptionResnetV1/Conv2d_1a_3x3/BatchNorm/beta': '32',
      'InceptionResnetV1/Repeat/block35_1/Branch_0/Conv2d_1x1/weights': '1×1×256×32',
      'InceptionResnetV1/Repeat/block35_5/Conv2d_1x1/biases': '256',
      'InceptionResnetV1/Mixed_6a/Branch_1/Conv2d_1a_3x3/BatchNorm/moving_mean': '256',
      'InceptionResnetV1/Repeat_1/block17_10/Branch_1/Conv2d_0b_1x7/weights': '1×7×128×128',
      'InceptionResnetV1/Mixed_7a/Branch_2/Conv2d_0b_3x3/weights': '3×3×256×256',
      'InceptionResnetV1/Block8/Branch_1/Conv2d_0c_3x1/weights': '3×1×192×192',
      'InceptionResnetV1/Bottleneck/weights': '1792×512',
      'InceptionResnetV1/Bottleneck/BatchNorm/moving_variance': '512',
    });
  });
});

describe('a network', () => {
  test('refuses pictures of another size, and to work after dispose', async () => {
    const network = await buildNetwork(tf, small);
    expect(() => network.embed(tf.zeros([1, 6, 7, 2]))).toThrow(
      expect.objectContaining({ code: 'option-invalid', message: expect.stringContaining('6×7×2') }),
    );
    network.dispose();
    network.dispose();
    expect(() => network.embed(pictures(1, 1))).toThrow(expect.objectContaining({ code: 'disposed' }));
  });

  test('whose building is aborted leaves nothing behind', async () => {
    const before = tf.memory().numTensors;
    const controller = new AbortController();
    const building = buildNetwork(tf, small, controller);
    controller.abort('enough');
    await expect(building).rejects.toBe('enough');
    expect(tf.memory().numTensors).toBe(before);
  });
});
