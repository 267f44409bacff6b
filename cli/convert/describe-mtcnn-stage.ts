import type { OriginalFile } from './convert-original.ts';
import { describeNetwork } from './describe-stage.ts';
import { fuse } from './fusion/fuse.ts';
import { type GraphModel, nodesOf } from './graph/graph-model.ts';
import type { Quantization } from './graph/quantize.ts';
import { swapAxes } from './graph/swap-axes.ts';
import { notMtcnn } from './mtcnn-files.ts';
import { type MtcnnStageName, mtcnnPreprocessing, mtcnnStages } from './presets/mtcnn-stages.ts';
import { readModel } from './read-model.ts';

/** A file of MTCNN, and how it is to be described and stored. */
interface StageFile {
  file: OriginalFile;
  /** The name in the manifest. */
  name: string;
  rule: Quantization | undefined;
  /** The hash of the file. */
  sha256: string;
}

const terms = {
  licence: 'MIT (davidsandberg/facenet, and facenet-pytorch, which was ported from it)',
  trainingData: 'WIDER FACE and CelebA (kpzhang93/MTCNN_face_detection_alignment)',
};

/** The network for upright images. @throws {FaceNetError} `model-file-unsupported` when it is not the same for transposed ones. */
function upright(name: string, graph: GraphModel): GraphModel {
  try {
    return swapAxes(graph);
  } catch (cause) {
    throw notMtcnn(name, cause instanceof Error ? cause.message : String(cause));
  }
}

/**
 * Describes a network of MTCNN, with its outputs in the order in which the detector reads them.
 *
 * @throws {FaceNetError} `model-file-unsupported` when the numbers of their values are not those of the stage.
 */
export async function describeMtcnnStage(stage: MtcnnStageName, { file, name, rule, sha256 }: StageFile) {
  const { size, outputs } = mtcnnStages[stage];
  const preprocessing = mtcnnPreprocessing(mtcnnStages[stage]);
  // P-Net is convolutional, and its files state other sizes than the detector's.
  const sizes = { inputSize: { width: size, height: size }, replacesSize: true };
  const read = await readModel(file.name, file.bytes, undefined, sizes);
  const fused = fuse(read, read.outputs);
  const isTransposed = read.format === 'TensorFlow Lite';
  const graph = isTransposed ? upright(file.name, fused) : fused;
  const source = {
    package: 'your own',
    version: `sha256 ${sha256}`,
    files: [file.name],
    conversion: `${read.format}, converted to a graph model${isTransposed ? ', height and width swapped in all filters, because the file takes transposed images' : ''}${rule ? `, with ${rule} weights` : ''}`,
  };
  const stored = { name, read, rule, source };
  const { common, files, lengths } = await describeNetwork(stored, graph, read.outputs, preprocessing, terms);
  const order = Object.values(outputs).map((shape) => lengths.indexOf(shape.reduce((a, b) => a * b)));
  const [probabilities = ''] = order.map((i) => read.outputs[i]);
  if (order.includes(-1) || nodesOf(graph).find((node) => node.name === probabilities)?.op !== 'Softmax') {
    throw notMtcnn(file.name, `its outputs have ${lengths.join(', ')} values`);
  }
  const inOrder = <T>(list: readonly T[]) => order.map((i) => list[i] as T);
  const descriptor = { ...common, outputs: inOrder(common.outputs), selfCheck: inOrder(common.selfCheck) };
  return { descriptor, files };
}
