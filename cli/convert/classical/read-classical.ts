import { packHogModel } from '../../../lib/detection/classical/dlib/hog-model-file.ts';
import { parseCascade } from '../../../lib/detection/classical/opencv-cascade.ts';
import { packShapePredictor } from '../../../lib/landmarks/classical/shape-predictor-file.ts';
import type { ForestDescriptor, ModelSource } from '../../../lib/models/manifest.ts';
import { unsupportedFile } from '../errors.ts';
import { dlibKind } from '../readers/dlib/kind.ts';
import { readNetworkLayers } from '../readers/dlib/network-layers.ts';
import { readObjectDetector } from '../readers/dlib/object-detector.ts';
import { readShapePredictor } from '../readers/dlib/shape-predictor.ts';
import { type ClassicalModel, ownFile } from './classical-model.ts';
import { describeDlibNetwork } from './describe-dlib-network.ts';

/** The landmark schemes of predictors, by their number of points. */
const schemes: Record<number, ForestDescriptor['scheme']> = { 5: 'dlib-5', 68: 'ibug-68' };

/**
 * Whether a file is one of dlib or a cascade of OpenCV. dlib's files have no signature; other formats begin differently.
 */
export function isClassicalFile(bytes: Uint8Array): boolean {
  return dlibKind(bytes) !== undefined || isCascade(bytes);
}

/**
 * Converts a file of dlib, or checks a cascade of OpenCV. The names are `dlib-hog`, `dlib-mmod`, `viola-jones`, `dlib-5`, `dlib-68` and
 * `dlib-resnet`, unless another one is given.
 *
 * @param bytes a file that {@link isClassicalFile} accepts.
 * @throws {FaceNetError} `model-file-damaged` or `model-file-unsupported`; for a cascade `option-invalid`.
 */
export async function readClassical(
  bytes: Uint8Array,
  source: Omit<ModelSource, 'conversion'>,
  name?: string,
): Promise<ClassicalModel> {
  const kind = dlibKind(bytes);
  if (kind === 'network') return describeDlibNetwork(readNetworkLayers(bytes), source, name);
  if (kind === 'shape-predictor') return describePredictor(bytes, source, name);
  const conversion = kind ? 'an object detector of dlib; the filters as sums of separable ones' : 'none';
  const common = { ...ownFile, source: { ...source, conversion } };
  if (kind === 'object-detector') {
    const file = { path: 'detector.bin', bytes: packHogModel(readObjectDetector(bytes)) };
    return { option: 'detector', descriptor: { name: name ?? 'dlib-hog', kind: 'dlib-hog', ...common }, files: [file] };
  }
  parseCascade(new TextDecoder().decode(bytes));
  const file = { path: 'cascade.xml', bytes: new Uint8Array(bytes) };
  return { option: 'detector', descriptor: { name: name ?? 'viola-jones', kind: 'cascade', ...common }, files: [file] };
}

function describePredictor(
  bytes: Uint8Array,
  source: Omit<ModelSource, 'conversion'>,
  name: string | undefined,
): ClassicalModel {
  const predictor = readShapePredictor(bytes);
  const points = predictor.meanShape.length / 2;
  const scheme = schemes[points];
  if (!scheme) {
    throw unsupportedFile(
      `The shape predictor has ${points} points: use one with the 5 or the 68 points of dlib's own.`,
    );
  }
  const conversion = 'a shape predictor of dlib; the leaves with 16 bits';
  return {
    option: 'landmarker',
    descriptor: {
      name: name ?? `dlib-${points}`,
      kind: 'shape-predictor',
      scheme,
      ...ownFile,
      source: { ...source, conversion },
    },
    files: [{ path: 'predictor.bin', bytes: packShapePredictor(predictor) }],
  };
}

function isCascade(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 4096));
  return /^\s*(<\?xml|<!--|<opencv_storage)/.test(start) && start.includes('<opencv_storage');
}
