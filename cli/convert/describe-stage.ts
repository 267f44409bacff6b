import type {
  DetectionDescriptor,
  LandmarksDescriptor,
  ModelSource,
  Preprocessing,
} from '../../lib/models/manifest.ts';
import { unsupportedFile } from './errors.ts';
import { fuse } from './fusion/fuse.ts';
import { type GraphModel, graphModelFiles, nodeName, nodesOf } from './graph/graph-model.ts';
import { type Quantization, quantize } from './graph/quantize.ts';
import type { DetectionPreset } from './presets/detection-presets.ts';
import type { LandmarkPreset } from './presets/landmark-presets.ts';
import type { ReadModel } from './read-model.ts';
import { expectedOutputs } from './self-check.ts';

/** A detector or a landmarker as it is written, except for the sizes and hashes of its files. */
export interface DescribedStage {
  descriptor: Omit<DetectionDescriptor, 'files'> | Omit<LandmarksDescriptor, 'files'>;
  files: { path: string; bytes: Uint8Array }[];
}

/** A converted file, and how it is to be stored. */
export interface StageFile {
  name: string;
  read: ReadModel;
  rule: Quantization | undefined;
  source: ModelSource;
}

/**
 * Describes a detector.
 *
 * @throws {FaceNetError} `model-file-unsupported` when its outputs are not those of the preset's family, or are damaged.
 */
export async function describeDetector(file: StageFile, preset: DetectionPreset): Promise<DescribedStage> {
  const { name, read } = file;
  const preprocessing = withSizeOf(read, preset.preprocessing);
  const graph = fuse(read, read.outputs);
  const found = await describeNetwork(file, graph, read.outputs, preprocessing, preset);
  const order = read.outputs.map((output, i) => ({ name: output, length: found.lengths[i] as number }));
  if (preset.longestFirst) order.sort((a, b) => b.length - a.length);
  const names = order.map((output) => output.name);
  const { common, files } = preset.longestFirst
    ? await describeNetwork(file, graph, names, preprocessing, preset)
    : found;
  const head = preset.head({
    input: preprocessing,
    outputs: order,
    operators: new Set(nodesOf(graph).map(({ op }) => op)),
  });
  return { descriptor: { ...common, task: 'detection', head, ...(preset.refined && { closeUp: name }) }, files };
}

/**
 * Describes a landmarker: its points are the output with as many values as the scheme needs.
 *
 * @param pointCount the number of points of the preset's scheme.
 * @throws {FaceNetError} `model-file-unsupported` when no output has these values, or the network is damaged.
 */
export async function describeLandmarker(
  file: StageFile,
  preset: LandmarkPreset,
  pointCount: number,
): Promise<DescribedStage> {
  const { read } = file;
  const { scheme, valuesPerPoint, unit, crop } = preset;
  const preprocessing = withSizeOf(read, normalisation(read, preset));
  if (preprocessing.width !== preprocessing.height) {
    throw unsupportedFile(
      `The file takes images of ${preprocessing.width}×${preprocessing.height}: use a landmarker of squares.`,
    );
  }
  const all = fuse(read, read.outputs);
  const { lengths } = await describeNetwork(file, all, read.outputs, preprocessing, preset);
  const points = read.outputs[lengths.indexOf(pointCount * valuesPerPoint)];
  if (points === undefined) {
    throw unsupportedFile(
      `The preset needs an output of ${pointCount * valuesPerPoint} values, and the file has ${lengths.join(', ')}: use the preset of its family.`,
    );
  }
  const { common, files } = await describeNetwork(file, fuse(read, [points]), [points], preprocessing, preset);
  return { descriptor: { ...common, task: 'landmarks', scheme, valuesPerPoint, unit, crop }, files };
}

/**
 * The fields that the descriptors of detectors, landmarkers and stages of detectors share, with the result of the self-check.
 *
 * @returns also the files, and the number of values of each output for one image.
 */
export async function describeNetwork(
  { name, read, rule, source }: StageFile,
  graph: GraphModel,
  outputNames: readonly string[],
  preprocessing: Preprocessing,
  { licence, trainingData }: { licence: string; trainingData: string },
) {
  const files = graphModelFiles(rule ? quantize(graph, rule) : graph);
  const common = {
    name,
    engine: 'tfjs' as const,
    input: { name: read.input.name, shape: [-1, preprocessing.height, preprocessing.width, 3] },
    outputs: outputNames.map((output) => ({ name: output, shape: [-1] })),
    preprocessing,
    licence,
    trainingData,
    source,
  };
  const { checks, outputs } = await expectedOutputs(common, files);
  const lengths = outputs.map(({ length }) => length);
  const described = common.outputs.map((output, i) => ({ ...output, shape: [-1, lengths[i] as number] }));
  return { common: { ...common, outputs: described, selfCheck: checks }, files, lengths };
}

/** The preprocessing for the size of images that the file takes. */
function withSizeOf({ input: { shape } }: ReadModel, preprocessing: Preprocessing): Preprocessing {
  const [, height = 0, width = 0, channels = 3] = shape;
  if (shape.length !== 4 || channels !== 3) {
    throw unsupportedFile(`The file takes [${shape}]: use a network for images of three channels.`);
  }
  return { ...preprocessing, ...(width > 0 && { width }), ...(height > 0 && { height }) };
}

/** The preset's preprocessing; none for a network that begins with a difference or a product instead of a convolution. */
function normalisation(read: ReadModel, { preprocessing, ownNormalisation }: LandmarkPreset): Preprocessing {
  const normalises = nodesOf(read).some(
    ({ op, input = [] }) =>
      ['Sub', 'Mul', 'AddV2', 'Add', 'RealDiv'].includes(op) && input.map(nodeName).includes(read.input.name),
  );
  if (!ownNormalisation || !normalises) return preprocessing;
  return { ...preprocessing, mean: [0, 0, 0], std: [1, 1, 1] };
}
