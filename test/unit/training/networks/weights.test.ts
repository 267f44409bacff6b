import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { architectures } from '../../../../lib/training/networks/architectures/architectures.ts';
import { operationsOf } from '../../../../lib/training/networks/operations.ts';
import { buildNetwork, type TrainableNetwork } from '../../../../lib/training/networks/trainable-network.ts';
import { loadWeights } from '../../../../lib/training/networks/weights.ts';
import { slim } from './slim.ts';
import { images, small } from './small-network.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('weights', () => {
  const tensorsOf = (network: TrainableNetwork) =>
    Object.fromEntries(
      [...network.weights].map(([name, weight]) => [name, tf.tensor(weight.dataSync(), weight.shape)]),
    );

  test('are the same for the same seed, with the variance of He et al.', async () => {
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

  test('load into a second network, which then returns the same embeddings', async () => {
    const [trained, fresh] = await Promise.all([1, 2].map((seed) => buildNetwork(tf, small, { seed })));
    if (!trained || !fresh) throw new Error('unreachable');
    const faces = images(3, 6);
    trained.embed(faces, { training: true }).dispose();
    const expected = [...trained.embed(faces).dataSync()];
    expect([...fresh.embed(faces).dataSync()]).not.toEqual(expected);
    const tensors = tensorsOf(trained);
    const held = tf.memory().numTensors;
    loadWeights(fresh, tensors);
    expect(tf.memory().numTensors).toBe(held);
    trained.dispose();
    expect([...fresh.embed(faces).dataSync()]).toEqual(expected);
    // The caller still owns the tensors and can dispose them.
    const kept = tensors['fc/weights'] as tf.Tensor;
    expect(kept.isDisposed).toBe(false);
    tf.dispose(tensors);
    expect([...fresh.embed(faces).dataSync()]).toEqual(expected);
  });

  test.each(Object.values(architectures).map(slim))(
    'of the topology of $name load into another network, which then gives the same embeddings',
    async (architecture) => {
      const [one, fresh] = await Promise.all([1, 2].map((seed) => buildNetwork(tf, architecture, { seed })));
      if (!one || !fresh) throw new Error('unreachable');
      loadWeights(fresh, Object.fromEntries(one.weights));
      const bytes = (weight?: tf.Variable) => new Uint8Array(Float32Array.from(weight?.dataSync() ?? []).buffer);
      for (const [name, weight] of one.weights) {
        expect(Buffer.compare(bytes(fresh.weights.get(name)), bytes(weight)), name).toBe(0);
      }
      const image = tf.randomUniform<tf.Rank.R4>([1, ...architecture.input], -1, 1, 'float32', 1);
      const expected = [...one.embed(image).dataSync()];
      one.dispose();
      expect([...fresh.embed(image).dataSync()]).toEqual(expected);
      fresh.dispose();
    },
  );

  test('are rejected with all mismatched names, without changing the network', async () => {
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

  test('have the names and shapes of the published model, for Inception-ResNet v1', () => {
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
  test('rejects images of another size, and cannot be used after dispose', async () => {
    const network = await buildNetwork(tf, small);
    expect(() => network.embed(tf.zeros([1, 6, 7, 2]))).toThrow(
      expect.objectContaining({ code: 'option-invalid', message: expect.stringContaining('6×7×2') }),
    );
    network.dispose();
    network.dispose();
    expect(() => network.embed(images(1, 1))).toThrow(expect.objectContaining({ code: 'disposed' }));
  });

  test('leaves no tensor when its creation is aborted', async () => {
    const before = tf.memory().numTensors;
    const controller = new AbortController();
    const building = buildNetwork(tf, small, controller);
    controller.abort('enough');
    await expect(building).rejects.toBe('enough');
    expect(tf.memory().numTensors).toBe(before);
  });
});
