import { type Dataset, File, Group } from 'jsfive';
import type { StoredTensor, WeightFile } from '../architectures/weight-file.ts';
import { damaged, unsupportedFile } from '../errors.ts';

/** The maximum depth of groups: Keras nests three. In a damaged file a group can contain itself. */
const maxDepth = 10;
/** The maximum number of groups and datasets: the published networks have about two thousand. */
const maxEntries = 100_000;
/** The bytes of a value in float32. */
const bytesPerValue = 4;

/**
 * Reads the weights of an HDF5 file written by Keras's `save_weights` or `save`. The file has a group for each layer, with a dataset
 * for each weight at any depth, such as `Conv2d_1a_3x3/Conv2d_1a_3x3/kernel:0`. The name of that weight is `Conv2d_1a_3x3/kernel:0`.
 *
 * The weights take no more memory than the file: only contiguous datasets are read, which is how Keras stores weights, and all of them
 * together may have no more values than the file has room for.
 *
 * @throws {Error} when the bytes are not an HDF5 file, or a weight is not float32.
 * @throws {FaceNetError} `model-file-damaged` for groups that contain each other, for impossible shapes, and for a weight without values;
 *   `model-file-unsupported` for a weight in chunks.
 */
export function readKerasWeights(bytes: Uint8Array): WeightFile {
  const root = new File(new Uint8Array(bytes).buffer, '');
  const layers = root.keys.includes('model_weights') ? (root.get('model_weights') as Group) : root;
  const tensors = new Map<string, StoredTensor>();
  let entries = 0;
  let unread = bytes.byteLength / bytesPerValue;
  const collect = (group: Group, layer: string, depth = 0) => {
    if (depth > maxDepth) throw damaged('its groups are nested too deeply');
    for (const key of group.keys) {
      if (++entries > maxEntries) throw damaged(`it has more than ${maxEntries} weights`);
      const child = group.get(key);
      if (child instanceof Group) {
        collect(child, layer || key, depth + 1);
        continue;
      }
      const name = `${layer}/${key}`;
      const tensor = tensorOf(child, name, unread);
      unread -= tensor.values.length;
      tensors.set(name, tensor);
    }
  };
  collect(layers, '');
  return { tensors, namesOf: kerasNames };
}

/** Reads a weight. @param unread the number of values that the file has room for beside those of the weights before. */
function tensorOf(dataset: Dataset, name: string, unread: number): StoredTensor {
  const { shape, dtype } = dataset;
  if (dtype !== '<f4') throw new Error(`the weight ${name} has the type ${dtype} instead of little-endian float32`);
  if (dataset._dataobjects.chunks !== null) {
    throw unsupportedFile(
      `the weight ${name} is stored in chunks, maybe compressed: save it as Keras does, in one piece`,
    );
  }
  const length = shape.reduce((product, side) => product * side, 1);
  if (length > unread) throw damaged(`the weight ${name} has the shape [${shape}], which exceeds the size of the file`);
  const values = dataset.value as ArrayLike<number>;
  // jsfive returns an array without elements for a dataset that has no storage.
  if (values.length !== length || (length > 0 && !(0 in values))) throw damaged(`the weight ${name} has no values`);
  return { shape, values: Float32Array.from(values) };
}

/** The names of weights in Keras, by those in TF-slim. */
const kerasRoles: Record<string, string> = {
  weights: 'kernel:0',
  biases: 'bias:0',
  beta: 'beta:0',
  moving_mean: 'moving_mean:0',
  moving_variance: 'moving_variance:0',
};

/**
 * The names in Keras of a weight of Inception-ResNet v1. `InceptionResnetV1/Repeat_1/block17_2/Branch_1/Conv2d_0a_1x1/weights` is
 * `Block17_2_Branch_1_Conv2d_0a_1x1/kernel:0` in Hiroki Taniai's conversion (nyoki-mtl/keras-facenet). In deepface's `Facenet.py`
 * the second branch of blocks 17 and 8 has the number of the block instead: `Block17_2_Branch_2_…`.
 */
function kerasNames(weight: string): [string, ...string[]] {
  const parts = weight.replace(/^InceptionResnetV1\/(Repeat\w*\/)?/, '').split('/');
  const role = kerasRoles[parts.pop() ?? ''];
  const layer = parts
    .join('_')
    .replace(/^block/, 'Block')
    .replace(/^Block8(?=_[^\d])/, 'Block8_6');
  const name = `${layer}/${role}`;
  const numbered = name.replace(/^(Block(?:17|8)_(\d+)_Branch)_1_/, '$1_$2_');
  return numbered === name ? [name] : [name, numbered];
}
