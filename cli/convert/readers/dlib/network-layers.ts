import { SerializedReader, unreadable } from './serialized-reader.ts';

/** A convolution. Its filters are [outputs, inputs, rows, columns]. */
export interface DlibConvolution {
  type: 'convolution';
  outputs: number;
  rows: number;
  columns: number;
  stride: number;
  /** The rows and columns of zeros on each side. */
  padding: number;
  filters: Float32Array;
  biases: Float32Array;
}

/** A layer of a network, in the order of execution. `tag` remembers its input; `skip` returns to the input of the tag before the last. */
export type DlibLayer =
  | DlibConvolution
  | { type: 'affine'; scale: Float32Array; shift: Float32Array }
  | { type: 'maxPool' | 'averagePool'; rows: number; columns: number; stride: number; padding: number }
  | { type: 'fullyConnected'; outputs: number; weights: Float32Array }
  | { type: 'relu' }
  | { type: 'addTagged' }
  | { type: 'tag' }
  | { type: 'skip' };

/** The window of a detector: the size of the faces that one output channel finds. */
export interface DetectorWindow {
  width: number;
  height: number;
}

/** What follows a network: nothing, or the search for the windows of a detector. */
export type DlibLoss =
  | { type: 'metric' }
  | { type: 'mmod'; windows: DetectorWindow[]; maxOverlap: number; maxCovered: number };

/** The input of a network. */
export interface DlibInput {
  /** Subtracted from red, green and blue. dlib divides by 256 afterwards. */
  mean: [number, number, number];
  /** The size of the image; undefined for an image pyramid of any size. */
  size?: { width: number; height: number };
  /** The pixels between the images of a tiled pyramid, and about them. */
  pyramid?: { padding: number; outerPadding: number };
}

/** A network that dlib saved. */
export interface DlibNetwork {
  loss: DlibLoss;
  input: DlibInput;
  layers: DlibLayer[];
}

const maxLayers = 2000;
const maxSide = 64;
const maxChannels = 65_536;

/**
 * Reads a network of dlib's deep learning toolbox. The file nests the layers: it begins with their versions, the last layer first, then
 * has the input, then the details of each layer in the order of execution. (dlib, dnn/core.h, layers.h, loss.h, input.h)
 *
 * @throws {FaceNetError} `model-file-damaged` for other bytes, and with the name of a layer that cannot be read.
 */
export function readNetworkLayers(bytes: Uint8Array): DlibNetwork {
  const reader = new SerializedReader(bytes);
  reader.integerIn(1, 1, 'version');
  const loss = readLoss(reader);
  const versions = readVersions(reader);
  const input = readInput(reader);
  const layers: DlibLayer[] = [];
  for (let i = versions.length - 1; i >= 0; i--) {
    const version = versions[i] as number;
    if (version !== 1) layers.push(readLayer(reader, version));
    // A tag below a skip is the input that the next sum adds.
    else layers.push({ type: versions[i + 1] === 1 ? 'skip' : 'tag' });
  }
  if (!reader.atEnd) throw unreadable('bytes follow its end');
  return { loss, input, layers };
}

function readLoss(reader: SerializedReader): DlibLoss {
  const name = reader.text();
  if (name === 'loss_metric_' || name === 'loss_metric_2') {
    if (name === 'loss_metric_2') for (let i = 0; i < 2; i++) reader.float();
    return { type: 'metric' };
  }
  if (name !== 'loss_mmod_')
    throw unreadable(`it ends in the layer "${name.slice(0, 40)}", not in loss_metric_ or loss_mmod_`);
  const version = reader.integerIn(1, 4, 'version of the detector');
  const count = version === 1 ? 1 : reader.integerIn(1, 64, 'number of windows');
  const windows = Array.from({ length: count }, () => readWindow(reader, version));
  for (let i = 0; i < 3; i++) reader.float();
  const maxOverlap = reader.floatIn(0, 1, 'limit of overlap');
  const maxCovered = reader.floatIn(0, 1, 'limit of coverage');
  for (let i = 0; i < 2; i++) reader.float();
  if (version >= 3) reader.integerIn(0, 1, 'use of an image pyramid');
  if (version >= 4) {
    if (reader.flag()) throw unreadable('it corrects boxes by regression, which is not supported');
    reader.float();
  }
  return { type: 'mmod', windows, maxOverlap, maxCovered };
}

function readWindow(reader: SerializedReader, version: number): DetectorWindow {
  const windowVersion = version === 1 ? 1 : reader.integerIn(1, 2, 'version of a window');
  const window = {
    width: reader.integerIn(1, 4096, 'window width'),
    height: reader.integerIn(1, 4096, 'window height'),
  };
  if (windowVersion === 2) reader.text();
  return window;
}

/** The versions of the nested layers. The length of the input's name is larger than any. */
function readVersions(reader: SerializedReader): number[] {
  const versions: number[] = [];
  while (reader.hasSmallInteger(3)) {
    versions.push(reader.integer());
    if (versions.length > maxLayers) throw unreadable('it has too many layers');
  }
  if (versions.length === 0) throw unreadable('it has no layers');
  return versions;
}

function readInput(reader: SerializedReader): DlibInput {
  const name = reader.text();
  const known = ['input_rgb_image', 'input_rgb_image_sized', 'input_rgb_image_pyramid', 'input_rgb_image_pyramid2'];
  if (!known.includes(name)) throw unreadable(`its input is "${name.slice(0, 40)}", not an RGB image`);
  const mean: DlibInput['mean'] = [reader.float(), reader.float(), reader.float()];
  if (name === 'input_rgb_image_sized') {
    const height = reader.integerIn(1, 1024, 'image height');
    return { mean, size: { width: reader.integerIn(1, 1024, 'image width'), height } };
  }
  if (name === 'input_rgb_image_pyramid') return { mean, pyramid: { padding: 10, outerPadding: 11 } };
  if (name === 'input_rgb_image') return { mean };
  const padding = reader.integerIn(0, 1000, 'padding');
  return { mean, pyramid: { padding, outerPadding: reader.integerIn(0, 1000, 'outer padding') } };
}

/** Reads a layer's details, and the state that training left behind. */
function readLayer(reader: SerializedReader, version: number): DlibLayer {
  const layer = readDetails(reader);
  for (let i = 0; i < 3; i++) reader.flag();
  for (let i = 0; i < 3; i++) reader.tensor();
  // The layer on the input also has a factor for inputs of several images.
  if (version === 3) reader.integer();
  return layer;
}

function readDetails(reader: SerializedReader): DlibLayer {
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
