import * as tf from '@tensorflow/tfjs';
import type { GraphModel } from '../../../../cli/convert/graph/graph-model.ts';
import type { ReadModel } from '../../../../cli/convert/read-model.ts';
import { type Architecture, convolution, pooling } from '../../../../lib/training/networks/description.ts';
import { operationsOf } from '../../../../lib/training/networks/operations.ts';
import { GraphDef } from '../../../support/published/graph-def.ts';
import { RandomWeights } from '../../../support/published/random-weights.ts';

const normalised = { offset: 'batch-normalisation' } as const;

/** An embedder with each kind of layer of Inception-ResNet v1, once. */
export const smallEmbedder = (dimension: number): Architecture => ({
  name: 'small embedder',
  source: 'for tests',
  input: [20, 20, 3],
  scope: 'Small',
  layers: [
    convolution('Conv2d_1a', 16, 3, { ...normalised, stride: 2, padding: 'valid' }),
    pooling('MaxPool', 'max', 2, 'valid'),
    {
      kind: 'residual',
      name: 'block',
      scale: 0.17,
      layers: [
        {
          kind: 'block',
          name: '',
          branches: [
            [convolution('Conv2d_1x1', 8, 1, normalised)],
            [convolution('Conv2d_0a', 8, 1, normalised), convolution('Conv2d_0b', 8, [1, 3], normalised)],
          ],
        },
        convolution('Conv2d_1x1', 16, 1, { offset: 'bias', activation: 'linear' }),
      ],
      activation: 'relu',
    },
    { kind: 'average-pooling', name: 'AvgPool' },
    { kind: 'dropout', name: 'Dropout', rate: 0.2 },
    {
      kind: 'fully-connected',
      name: 'Bottleneck',
      units: dimension,
      maxout: 1,
      offset: 'batch-normalisation',
      activation: 'linear',
    },
    { kind: 'l2-normalisation', name: 'embeddings' },
  ],
});

/** A frozen graph with random weights for an architecture. It has the constants only, which is all that the reader reads. */
export function frozenWeights(architecture: Architecture, seed: number): GraphDef {
  const random = new RandomWeights(seed);
  const graph = new GraphDef();
  for (const { name, shape, role } of operationsOf(architecture).flatMap(({ weights }) => weights)) {
    const [count = 0] = shape;
    const values =
      role === 'weights'
        ? random.products(shape)
        : role === 'moving variance'
          ? random.variances(count)
          : random.offsets(count);
    graph.constant(name, shape, values);
  }
  return graph;
}

/** Two test images: noise, and a brighter version of it with less contrast, which untrained networks can tell apart. */
export const images = (size: number): tf.Tensor4D =>
  tf.tidy(() => {
    const noise = tf.randomUniform<tf.Rank.R4>([1, size, size, 3], -1, 1, 'float32', 11);
    return tf.concat([noise, tf.add(0.6, tf.mul(0.3, tf.reverse(noise, 1)))]) as tf.Tensor4D;
  });

/** Loads a graph model with TensorFlow.js. */
export function load({ json, weights }: GraphModel): tf.GraphModel {
  const [{ weights: weightSpecs }] = json.weightsManifest as [{ weights: tf.io.WeightsManifestEntry[] }];
  const modelTopology = json.modelTopology as object;
  const weightData = new Uint8Array(weights).buffer;
  return tf.loadGraphModelSync({ modelTopology, weightSpecs, weightData }) as unknown as tf.GraphModel;
}

/** The embeddings of {@link images}. */
export function embed(
  model: GraphModel,
  { input, outputs }: Pick<ReadModel, 'input' | 'outputs'>,
  size: number,
): number[][] {
  const loaded = load(model);
  const rows = tf.tidy(() => (loaded.execute({ [input.name]: images(size) }, outputs) as tf.Tensor2D).arraySync());
  loaded.dispose();
  return rows;
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);

/** A vector scaled to length 1. */
export const unit = (a: readonly number[]) => a.map((x) => x / Math.sqrt(dot(a, a)));

/** The cosine similarity. */
export const cosine = (a: readonly number[] = [], b: readonly number[] = []) => dot(unit(a), unit(b));

/** The message that a promise rejects with. */
export const rejection = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'it resolved',
    (error: Error) => error.message,
  );
