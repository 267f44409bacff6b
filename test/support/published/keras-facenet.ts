import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as hdf5 from 'h5wasm/node';
import { RandomWeights } from './random-weights.ts';

/** `scaling(x, scale)` of deepface's `Facenet.py`. */
class Scaling extends tf.layers.Layer {
  static className = 'Scaling';
  readonly #scale: number;

  constructor(scale: number) {
    super({});
    this.#scale = scale;
  }

  override computeOutputShape(shape: tf.Shape): tf.Shape {
    return shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.mul([inputs].flat()[0] as tf.Tensor, this.#scale);
  }
}

/**
 * The naming of the second branch of blocks 17 and 8: always `Branch_1`, or by the number of the block as in deepface.
 */
export type Naming = 'keras-facenet' | 'deepface';

/**
 * deepface's `Facenet.py`, line by line in the Keras-compatible layers of TensorFlow.js: the model whose weights
 * deepface publishes as `facenet_weights.h5` (128) and `facenet512_weights.h5` (512). The weights are random.
 */
export function kerasFacenet(seed: number, dimension: number, naming: Naming): tf.LayersModel {
  const random = new RandomWeights(seed);
  const numbered = (block: number) => (naming === 'deepface' ? block : 1);
  const kernelInitializer = 'zeros';

  const norm = (x: tf.SymbolicTensor, name: string) =>
    tf.layers
      .batchNormalization({ momentum: 0.995, epsilon: 0.001, scale: false, name: `${name}_BatchNorm` })
      .apply(x) as tf.SymbolicTensor;
  const conv = (
    x: tf.SymbolicTensor,
    filters: number,
    kernelSize: number | [number, number],
    strides: number,
    padding: 'same' | 'valid',
    name: string,
  ) => {
    const options = { filters, kernelSize, strides, padding, useBias: false, kernelInitializer, name } as const;
    const normalised = norm(tf.layers.conv2d(options).apply(x) as tf.SymbolicTensor, name);
    const activation = tf.layers.activation({ activation: 'relu', name: `${name}_Activation` });
    return activation.apply(normalised) as tf.SymbolicTensor;
  };
  const pool = (x: tf.SymbolicTensor, name: string) =>
    tf.layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'valid', name }).apply(x) as tf.SymbolicTensor;
  const concatenate = (branches: tf.SymbolicTensor[], name: string) =>
    tf.layers.concatenate({ axis: 3, name }).apply(branches) as tf.SymbolicTensor;
  const block = (
    x: tf.SymbolicTensor,
    branches: tf.SymbolicTensor[],
    filters: number,
    scale: number,
    name: string,
    relu = true,
  ) => {
    const mixed = concatenate(branches, `${name}_Concatenate`);
    const layer = tf.layers.conv2d({
      filters,
      kernelSize: 1,
      padding: 'same',
      useBias: true,
      kernelInitializer,
      name: `${name}_Conv2d_1x1`,
    });
    const up = new Scaling(scale).apply(layer.apply(mixed)) as tf.SymbolicTensor;
    const sum = tf.layers.add().apply([x, up]) as tf.SymbolicTensor;
    if (!relu) return sum;
    return tf.layers.activation({ activation: 'relu', name: `${name}_Activation` }).apply(sum) as tf.SymbolicTensor;
  };

  const inputs = tf.input({ shape: [160, 160, 3] });
  let x = conv(inputs, 32, 3, 2, 'valid', 'Conv2d_1a_3x3');
  x = conv(x, 32, 3, 1, 'valid', 'Conv2d_2a_3x3');
  x = conv(x, 64, 3, 1, 'same', 'Conv2d_2b_3x3');
  x = pool(x, 'MaxPool_3a_3x3');
  x = conv(x, 80, 1, 1, 'valid', 'Conv2d_3b_1x1');
  x = conv(x, 192, 3, 1, 'valid', 'Conv2d_4a_3x3');
  x = conv(x, 256, 3, 2, 'valid', 'Conv2d_4b_3x3');
  for (let i = 1; i <= 5; i++) {
    const name = `Block35_${i}`;
    const zero = conv(x, 32, 1, 1, 'same', `${name}_Branch_0_Conv2d_1x1`);
    let one = conv(x, 32, 1, 1, 'same', `${name}_Branch_1_Conv2d_0a_1x1`);
    one = conv(one, 32, 3, 1, 'same', `${name}_Branch_1_Conv2d_0b_3x3`);
    let two = conv(x, 32, 1, 1, 'same', `${name}_Branch_2_Conv2d_0a_1x1`);
    two = conv(two, 32, 3, 1, 'same', `${name}_Branch_2_Conv2d_0b_3x3`);
    two = conv(two, 32, 3, 1, 'same', `${name}_Branch_2_Conv2d_0c_3x3`);
    x = block(x, [zero, one, two], 256, 0.17, name);
  }
  let zero = conv(x, 384, 3, 2, 'valid', 'Mixed_6a_Branch_0_Conv2d_1a_3x3');
  let one = conv(x, 192, 1, 1, 'same', 'Mixed_6a_Branch_1_Conv2d_0a_1x1');
  one = conv(one, 192, 3, 1, 'same', 'Mixed_6a_Branch_1_Conv2d_0b_3x3');
  one = conv(one, 256, 3, 2, 'valid', 'Mixed_6a_Branch_1_Conv2d_1a_3x3');
  x = concatenate([zero, one, pool(x, 'Mixed_6a_Branch_2_MaxPool_1a_3x3')], 'Mixed_6a');
  for (let i = 1; i <= 10; i++) {
    const name = `Block17_${i}`;
    const branch = `${name}_Branch_${numbered(i)}`;
    zero = conv(x, 128, 1, 1, 'same', `${name}_Branch_0_Conv2d_1x1`);
    one = conv(x, 128, 1, 1, 'same', `${branch}_Conv2d_0a_1x1`);
    one = conv(one, 128, [1, 7], 1, 'same', `${branch}_Conv2d_0b_1x7`);
    one = conv(one, 128, [7, 1], 1, 'same', `${branch}_Conv2d_0c_7x1`);
    x = block(x, [zero, one], 896, 0.1, name);
  }
  zero = conv(x, 256, 1, 1, 'same', 'Mixed_7a_Branch_0_Conv2d_0a_1x1');
  zero = conv(zero, 384, 3, 2, 'valid', 'Mixed_7a_Branch_0_Conv2d_1a_3x3');
  one = conv(x, 256, 1, 1, 'same', 'Mixed_7a_Branch_1_Conv2d_0a_1x1');
  one = conv(one, 256, 3, 2, 'valid', 'Mixed_7a_Branch_1_Conv2d_1a_3x3');
  let two = conv(x, 256, 1, 1, 'same', 'Mixed_7a_Branch_2_Conv2d_0a_1x1');
  two = conv(two, 256, 3, 1, 'same', 'Mixed_7a_Branch_2_Conv2d_0b_3x3');
  two = conv(two, 256, 3, 2, 'valid', 'Mixed_7a_Branch_2_Conv2d_1a_3x3');
  x = concatenate([zero, one, two, pool(x, 'Mixed_7a_Branch_3_MaxPool_1a_3x3')], 'Mixed_7a');
  for (let i = 1; i <= 6; i++) {
    const name = `Block8_${i}`;
    const branch = `${name}_Branch_${i === 6 ? 1 : numbered(i)}`;
    zero = conv(x, 192, 1, 1, 'same', `${name}_Branch_0_Conv2d_1x1`);
    one = conv(x, 192, 1, 1, 'same', `${branch}_Conv2d_0a_1x1`);
    one = conv(one, 192, [1, 3], 1, 'same', `${branch}_Conv2d_0b_1x3`);
    one = conv(one, 192, [3, 1], 1, 'same', `${branch}_Conv2d_0c_3x1`);
    x = block(x, [zero, one], 1792, i === 6 ? 1 : 0.2, name, i < 6);
  }
  x = tf.layers.globalAveragePooling2d({ name: 'AvgPool' }).apply(x) as tf.SymbolicTensor;
  x = tf.layers.dropout({ rate: 1 - 0.8, name: 'Dropout' }).apply(x) as tf.SymbolicTensor;
  const dense = tf.layers.dense({ units: dimension, useBias: false, kernelInitializer, name: 'Bottleneck' });
  x = norm(dense.apply(x) as tf.SymbolicTensor, 'Bottleneck');
  const model = tf.model({ inputs, outputs: x, name: 'inception_resnet_v1' });

  for (const layer of model.layers) {
    const values = layer.getWeights().map(({ shape }, i) => {
      if (shape.length > 1) return random.products(shape);
      const [count = 0] = shape;
      return i === 2 ? random.variances(count) : random.offsets(count);
    });
    tf.tidy(() =>
      layer.setWeights(layer.getWeights().map(({ shape }, i) => tf.tensor(values[i] as Float32Array, shape))),
    );
  }
  return model;
}

/** The Keras names of a layer's weights, in Keras's order. */
export function weightNames({ name, weights }: tf.layers.Layer): string[] {
  const roles = name.endsWith('_BatchNorm') ? ['beta', 'moving_mean', 'moving_variance'] : ['kernel', 'bias'];
  return weights.map((_, i) => `${name}/${roles[i]}:0`);
}

/** The file that `model.save_weights('….h5')` of Keras 2 writes, written with the HDF5 library. */
export async function kerasWeightFile(model: tf.LayersModel): Promise<Uint8Array> {
  await hdf5.ready;
  const folder = mkdtempSync(join(tmpdir(), 'keras-weights-'));
  const path = join(folder, 'weights.h5');
  const file = new hdf5.File(path, 'w');
  const texts = (names: string[]): [string[], number[], string] => [
    names,
    [names.length],
    `S${Math.max(1, ...names.map(({ length }) => length))}`,
  ];
  file.create_attribute('layer_names', ...texts(model.layers.map(({ name }) => name)));
  file.create_attribute('backend', 'tensorflow');
  file.create_attribute('keras_version', '2.2.4');
  for (const layer of model.layers) {
    const group = file.create_group(layer.name);
    const names = weightNames(layer);
    if (names.length > 0) group.create_attribute('weight_names', ...texts(names));
    const inner = names.length > 0 ? group.create_group(layer.name) : group;
    layer.getWeights().forEach((weight, i) => {
      const [, name = ''] = (names[i] as string).split('/');
      inner.create_dataset({ name, data: weight.dataSync() as Float32Array, shape: weight.shape, dtype: '<f4' });
    });
  }
  file.close();
  const bytes = readFileSync(path);
  rmSync(folder, { recursive: true });
  return bytes;
}
