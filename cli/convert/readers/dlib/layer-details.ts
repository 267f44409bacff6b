import type { DlibConvolution, DlibLayer } from './dlib-network.ts';
import { type SerializedReader, unreadable } from './serialized-reader.ts';

const maxSide = 64;
const maxChannels = 65_536;

/** Reads what a layer computes, without the state of its training. (dlib, dnn/layers.h) */
export function readLayerDetails(reader: SerializedReader): DlibLayer {
  const name = reader.text();
  if (name === 'con_4' || name === 'con_5') return readConvolution(reader, name);
  if (name.startsWith('affine_') || name === 'bn_con2') return readAffine(reader, name);
  if (name === 'relu_') return { type: 'relu' };
  if (name === 'add_prev_') return { type: 'addTagged' };
  if (name === 'max_pool_2') return { type: 'maxPool', ...readPool(reader) };
  if (name === 'avg_pool_2') return { type: 'averagePool', ...readPool(reader) };
  if (name === 'fc_2' || name === 'fc_3') return readFullyConnected(reader, name);
  throw unreadable(`it has the layer "${name.slice(0, 40)}", which is not supported`);
}

function readConvolution(reader: SerializedReader, name: string): DlibConvolution {
  const { values } = reader.tensor();
  const outputs = reader.integerIn(1, maxChannels, 'number of filters');
  const [rows, columns] = [reader.integerIn(1, maxSide, 'filter height'), reader.integerIn(1, maxSide, 'filter width')];
  const stride = readEqual(reader, 1, 16, 'stride');
  const padding = readEqual(reader, 0, maxSide, 'padding');
  const filterSize = aliasSize(reader);
  const biasSize = aliasSize(reader);
  for (let i = 0; i < 4; i++) reader.float();
  if (name === 'con_5' && !reader.flag() && biasSize > 0)
    throw unreadable('a convolution has biases that it does not use');
  if (
    filterSize % (outputs * rows * columns) !== 0 ||
    ![0, outputs].includes(biasSize) ||
    filterSize + biasSize !== values.length
  ) {
    throw unreadable('a convolution does not have the weights of its filters');
  }
  const biases = biasSize > 0 ? values.subarray(filterSize) : new Float32Array(outputs);
  return {
    type: 'convolution',
    outputs,
    rows,
    columns,
    stride,
    padding,
    filters: values.subarray(0, filterSize),
    biases,
  };
}

/** A scale and a shift for each channel. A batch normalisation that was saved in training is folded into them. */
function readAffine(reader: SerializedReader, name: string): DlibLayer {
  const { values } = reader.tensor();
  const [scaleSize, shiftSize] = [aliasSize(reader), aliasSize(reader)];
  if (scaleSize !== shiftSize || scaleSize + shiftSize !== values.length)
    throw unreadable('a scale layer lacks weights');
  const [scale, shift] = [values.slice(0, scaleSize), values.slice(scaleSize)];
  if (name === 'bn_con2') return foldedNormalization(reader, scale, shift);
  reader.integer();
  if (name === 'affine_2' && reader.flag()) return { type: 'affine', scale: scale.fill(1), shift: shift.fill(0) };
  return { type: 'affine', scale, shift };
}

function foldedNormalization(reader: SerializedReader, scale: Float32Array, shift: Float32Array): DlibLayer {
  for (let i = 0; i < 2; i++) reader.tensor();
  const [means, variances] = [reader.tensor().values, reader.tensor().values];
  for (let i = 0; i < 2; i++) reader.integer();
  for (let i = 0; i < 4; i++) reader.float();
  const epsilon = reader.float();
  if (means.length !== scale.length || variances.length !== scale.length)
    throw unreadable('a normalisation lacks statistics');
  const folded = scale.map((value, i) => value / Math.sqrt((variances[i] as number) + epsilon));
  return {
    type: 'affine',
    scale: folded,
    shift: shift.map((value, i) => value - (folded[i] as number) * (means[i] as number)),
  };
}

function readPool(reader: SerializedReader) {
  // 0 rows and columns stand for the whole image.
  const [rows, columns] = [reader.integerIn(0, maxSide, 'pool height'), reader.integerIn(0, maxSide, 'pool width')];
  return {
    rows,
    columns,
    stride: readEqual(reader, 1, 16, 'stride'),
    padding: readEqual(reader, 0, maxSide, 'padding'),
  };
}

function readFullyConnected(reader: SerializedReader, name: string): DlibLayer {
  const outputs = reader.integerIn(1, maxChannels, 'number of outputs');
  const inputs = reader.integerIn(1, 1 << 24, 'number of inputs');
  const weights = reader.tensor().values;
  const [weightSize, biasSize] = [aliasSize(reader), aliasSize(reader)];
  reader.integer();
  for (let i = 0; i < 4; i++) reader.float();
  if (name === 'fc_3') reader.flag();
  if (biasSize > 0) throw unreadable('a fully connected layer has biases, which are not supported');
  if (weightSize !== inputs * outputs || weights.length !== weightSize)
    throw unreadable('a fully connected layer lacks weights');
  return { type: 'fullyConnected', outputs, weights };
}

/** The number of values of a part of a tensor. (dlib, `alias_tensor`) */
function aliasSize(reader: SerializedReader): number {
  reader.integerIn(1, 1, 'version of a tensor');
  return [0, 0, 0, 0].reduce((product) => product * reader.integerIn(0, 1 << 24, 'tensor size'), 1);
}

/** Two equal numbers, for rows and columns. */
function readEqual(reader: SerializedReader, min: number, max: number, meaning: string): number {
  const value = reader.integerIn(min, max, meaning);
  return reader.integerIn(value, value, meaning);
}
