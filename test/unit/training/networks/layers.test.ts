import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Architecture,
  convolution,
  fullyConnected,
  type Layer,
  pooling,
} from '../../../../lib/training/networks/description.ts';
import { buildNetwork } from '../../../../lib/training/networks/trainable-network.ts';
import { loadWeights } from '../../../../lib/training/networks/weights.ts';
import { architectureOf, flat } from './small-network.ts';

beforeAll(() => tf.setBackend('cpu'));

/** The output of a network with the given weights for one image. */
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

describe('layers', () => {
  test('convolution pads with zeros and applies ReLU', async () => {
    // The kernel is the right minus the left neighbour, with zero padding.
    const edge = convolution('edge', 1, [1, 3]);
    near(await run(architectureOf([1, 4, 1], edge), [1, 2, 4, 3], { 'edge/weights': [-1, 0, 1] }), [2, 3, 1, 0]);
    const strided = convolution('edge', 1, [1, 3], { padding: 'valid', activation: 'linear', offset: 'bias' });
    const weights = { 'edge/weights': [-1, 0, 1], 'edge/biases': [10] };
    near(await run(architectureOf([1, 4, 1], strided), [1, 2, 4, 3], weights), [13, 11]);
  });

  test('max pooling returns the maximum, and L2 pooling the root of the sum of squares, with zero padding', async () => {
    const values = [3, 4, 0, 0, 0, 0, 0, 0, 12];
    near(await run(architectureOf([3, 3, 1], pooling('pool', 'max', 2)), values), [4, 4, 0, 12]);
    near(await run(architectureOf([3, 3, 1], pooling('pool', 'l2', 1)), values), [
      5,
      5,
      4,
      5,
      13,
      Math.hypot(4, 12),
      0,
      12,
      12,
    ]);
    near(await run(architectureOf([3, 3, 1], pooling('pool', 'l2', 2)), values), [5, 4, 0, 12]);
    near(await run(architectureOf([3, 3, 1], pooling('pool', 'l2', 1, 'valid')), values), [13]);
  });

  test('average pooling returns the mean of each channel', async () => {
    near(await run(architectureOf([1, 2, 2], { kind: 'average-pooling', name: 'mean' }), [1, 10, 3, 30]), [2, 20]);
  });

  test('response normalisation divides by the energy of five neighbouring channels', async () => {
    const values = [100, 200, 300, 400];
    const layer: Layer = { kind: 'response-normalisation', name: 'norm' };
    const energy = (from: number, to: number) => values.slice(from, to).reduce((sum, value) => sum + value ** 2, 0);
    const expected = [energy(0, 3), energy(0, 4), energy(0, 4), energy(1, 4)].map(
      (sum, i) => (values[i] as number) / (1 + (1e-4 / 5) * sum) ** 0.75,
    );
    const actual = await run(architectureOf([1, 1, 4], layer), values);
    near(
      actual.map((value, i) => value / (expected[i] as number)),
      [1, 1, 1, 1],
    );
  });

  test('maxout returns the maximum of its products', async () => {
    const layer = fullyConnected('fc', 2, { maxout: 2 });
    // Columns: the two products of unit 1, then those of unit 2.
    const weights = { 'fc/weights': [1, 2, 0, -1, 0, -1, 3, 1] };
    near(await run(architectureOf([1, 1, 2], flat, layer), [1, 1], weights), [1, 3]);
    near(await run(architectureOf([1, 1, 2], flat, layer), [1, -1], weights), [3, -2]);
  });

  test('normalisation scales a vector to length 1, and keeps a zero vector', async () => {
    const layer: Layer = { kind: 'l2-normalisation', name: 'l2' };
    near(await run(architectureOf([1, 1, 2], flat, layer), [3, -4]), [0.6, -0.8]);
    near(await run(architectureOf([1, 1, 2], flat, layer), [0, 0]), [0, 0]);
  });

  test('branches are concatenated, and residuals are scaled and added', async () => {
    const linear = { activation: 'linear' } as const;
    const fork: Layer = {
      kind: 'block',
      name: 'fork',
      branches: [[convolution('a', 1, 1, linear)], [convolution('b', 1, 1, linear)]],
    };
    const forkWeights = { 'fork/Branch_0/a/weights': [2], 'fork/Branch_1/b/weights': [-1] };
    near(await run(architectureOf([1, 2, 1], fork), [1, 3], forkWeights), [2, -1, 6, -3]);
    const residual = { kind: 'residual', name: 'sum', scale: 0.1, layers: [convolution('up', 1, 1, linear)] } as const;
    const weights = { 'sum/up/weights': [-20] };
    near(await run(architectureOf([1, 2, 1], { ...residual, activation: 'linear' }), [1, 3], weights), [-1, -3]);
    near(await run(architectureOf([1, 2, 1], { ...residual, activation: 'relu' }), [-1, 3], weights), [1, 0]);
  });

  test('batch normalisation uses its moving statistics; while training it uses those of the batch and updates the moving ones', async () => {
    const layer = convolution('c', 1, 1, { offset: 'batch-normalisation', activation: 'linear' });
    const network = await buildNetwork(tf, architectureOf([1, 1, 1], layer));
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

  test('dropout sets its share of values to 0 while training only', async () => {
    const network = await buildNetwork(
      tf,
      architectureOf([1, 1, 4000], flat, { kind: 'dropout', name: 'drop', rate: 0.25 }),
    );
    const ones = tf.ones<tf.Rank.R4>([1, 1, 1, 4000]);
    expect(network.embed(ones).min().dataSync()[0]).toBe(1);
    const [first, second] = [0, 1].map(() => [...network.embed(ones, { training: true }).dataSync()]);
    expect((first?.filter((value) => value === 0).length ?? 0) / 4000).toBeCloseTo(0.25, 1);
    expect(Math.max(...(first ?? []))).toBeCloseTo(1 / 0.75, 5);
    expect(first).not.toEqual(second);
  });
});
