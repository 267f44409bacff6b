import type { DetectorWindow, DlibInput, DlibLayer, DlibLoss, DlibNetwork } from './dlib-network.ts';
import { readLayerDetails } from './layer-details.ts';
import { SerializedReader, unreadable } from './serialized-reader.ts';

const maxLayers = 2000;

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
  const layer = readLayerDetails(reader);
  for (let i = 0; i < 3; i++) reader.flag();
  for (let i = 0; i < 3; i++) reader.tensor();
  // The layer on the input also has a factor for inputs of several images.
  if (version === 3) reader.integer();
  return layer;
}
