import * as tf from '@tensorflow/tfjs';
import { seeded } from '../../../../lib/core/random.ts';
import {
  type Architecture,
  convolution,
  fullyConnected,
  type Layer,
  pooling,
} from '../../../../lib/training/networks/description.ts';

/** An architecture of the given layers. */
export const architectureOf = (input: Architecture['input'], ...layers: Layer[]): Architecture => ({
  name: 'small',
  source: '',
  input,
  layers,
});

/** A flattening layer. */
export const flat: Layer = { kind: 'flattening', name: 'flat' };

/** A network with every kind of trainable layer. */
export const small = architectureOf(
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

/** Random images for {@link small}. */
export function images(count: number, seed: number): tf.Tensor4D {
  const random = seeded(seed);
  return tf.tensor4d(
    Array.from({ length: count * 72 }, () => 2 * random() - 1),
    [count, 6, 6, 2],
  );
}
