import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildNetwork } from '../../../../lib/training/networks/trainable-network.ts';
import { tripletLoss } from '../../../../lib/training/triplets/losses.ts';
import { selectTriplets } from '../../../../lib/training/triplets/selection.ts';
import { countTriplets, type TripletCounts } from '../../../../lib/training/triplets/triplets.ts';
import { images, small } from './small-network.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('training a network', () => {
  test.each([false, true])(
    'computes gradients that match finite differences for all weights (batch statistics: %s)',
    async (training) => {
      const network = await buildNetwork(tf, small, { seed: 2 });
      const faces = images(6, 4);
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
      // Larger steps cross more discontinuities of ReLU and maxima, smaller ones are below single precision.
      expect(Math.sqrt(error / size)).toBeLessThan(0.02);
    },
  );

  test('reduces the number of active triplets', async () => {
    const network = await buildNetwork(tf, small);
    const labels = [...'aaabbbccc'];
    const faces = images(9, 8);
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
    // 9 anchors with 2 positives and 6 negatives each.
    for (const { valid, hard, semiHard, active } of counts) {
      expect(valid).toBe(108);
      expect(active).toBe(hard + semiHard);
    }
    const [first, last] = [counts[0]?.active ?? 0, counts.at(-1)?.active ?? 108];
    expect(first).toBeGreaterThan(50);
    expect(last).toBeLessThan(first / 2);
  });

  test('reduces the triplet loss without leaking tensors', async () => {
    const network = await buildNetwork(tf, small);
    const faces = images(6, 5);
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
