import { type Dataset, File, Group } from 'jsfive';
import type { StoredTensor, WeightFile } from '../architectures/weight-file.ts';

/**
 * The weights in an HDF5 file that Keras's `save_weights` wrote, or its `save`: a group for each layer, and in it, at any depth, a
 * dataset for each of its weights, as `Conv2d_1a_3x3/Conv2d_1a_3x3/kernel:0`. Names here are `Conv2d_1a_3x3/kernel:0`.
 *
 * @throws {Error} when the bytes are no HDF5 file, or hold a weight that is not of float32.
 */
export function readKerasWeights(bytes: Uint8Array): WeightFile {
  const root = new File(new Uint8Array(bytes).buffer, '');
  const layers = root.keys.includes('model_weights') ? (root.get('model_weights') as Group) : root;
  const tensors = new Map<string, StoredTensor>();
  const collect = (group: Group, layer: string) => {
    for (const key of group.keys) {
      const child = group.get(key);
      if (child instanceof Group) collect(child, layer || key);
      else tensors.set(`${layer}/${key}`, tensorOf(child, `${layer}/${key}`));
    }
  };
  collect(layers, '');
  return { tensors, namesOf: kerasNames };
}

function tensorOf(dataset: Dataset, name: string): StoredTensor {
  const { shape, dtype, value } = dataset;
  if (dtype !== '<f4') throw new Error(`the weight ${name} is of type ${dtype} instead of little-endian float32`);
  return { shape, values: Float32Array.from(value as ArrayLike<number>) };
}

/** What Keras calls the weights that TF-slim names otherwise. */
const roles: Record<string, string> = {
  weights: 'kernel:0',
  biases: 'bias:0',
  beta: 'beta:0',
  moving_mean: 'moving_mean:0',
  moving_variance: 'moving_variance:0',
};

/**
 * TF-slim's name of a weight of Inception-ResNet v1, as `InceptionResnetV1/Repeat_1/block17_2/Branch_1/Conv2d_0a_1x1/weights`, in
 * Keras: `Block17_2_Branch_1_Conv2d_0a_1x1/kernel:0`, as the conversion by Hiroki Taniai (nyoki-mtl/keras-facenet) names it. In
 * deepface's own `Facenet.py` the second branch of the blocks 17 and 8 has the block's number in place of 1.
 */
function kerasNames(weight: string): [string, ...string[]] {
  const parts = weight.replace(/^InceptionResnetV1\/(Repeat\w*\/)?/, '').split('/');
  const role = roles[parts.pop() ?? ''];
  const layer = parts
    .join('_')
    .replace(/^block/, 'Block')
    .replace(/^Block8(?=_[^\d])/, 'Block8_6');
  const name = `${layer}/${role}`;
  const numbered = name.replace(/^(Block(?:17|8)_(\d+)_Branch)_1_/, '$1_$2_');
  return numbered === name ? [name] : [name, numbered];
}
