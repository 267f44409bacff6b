import { FaceNetError } from '../../lib/core/errors.ts';
import type { OriginalFile } from './convert-original.ts';
import { unsupportedFile } from './errors.ts';
import { fuse } from './fusion/fuse.ts';
import { nodesOf } from './graph/graph-model.ts';
import { type MtcnnStageName, mtcnnStages } from './presets/mtcnn-stages.ts';
import { type ReadModel, readModel } from './read-model.ts';

/** The formats in which MTCNN is published with the outputs that the detector reads. */
const formats = ['TensorFlow Lite', 'PyTorch', 'safetensors'];

/** The operators of the networks after the fusion. P-Net has those of a convolutional network only. */
const convolutional = ['Placeholder', 'Const', '_FusedConv2D', 'Prelu', 'MaxPool', 'Softmax'];
const withProducts = [...convolutional, 'Reshape', '_FusedMatMul'];

/**
 * Tells the networks of MTCNN apart.
 *
 * @throws {FaceNetError} `option-invalid` for another number of files than three, and for two files of one network;
 *   `model-file-damaged`; `model-file-unsupported` for a file that is no network of MTCNN.
 */
export async function identifyMtcnn(files: readonly OriginalFile[]): Promise<Record<MtcnnStageName, OriginalFile>> {
  if (files.length !== 3) {
    throw new FaceNetError(
      'option-invalid',
      `MTCNN is three files, and ${files.length} were given: pass its P-Net, R-Net and O-Net.`,
    );
  }
  const found: Partial<Record<MtcnnStageName, OriginalFile>> = {};
  for (const file of files) {
    const stage = stageOf(file.name, await readModel(file.name, file.bytes, undefined));
    const other = found[stage];
    if (other) {
      throw new FaceNetError(
        'option-invalid',
        `${other.name} and ${file.name} are both the ${mtcnnStages[stage].title} of MTCNN: pass its P-Net, R-Net and O-Net.`,
      );
    }
    found[stage] = file;
  }
  return found as Record<MtcnnStageName, OriginalFile>;
}

/** P-Net is convolutional, R-Net and O-Net end with matrix products, and O-Net has three outputs. */
function stageOf(name: string, model: ReadModel): MtcnnStageName {
  const { format, input, outputs } = model;
  if (!formats.includes(format)) {
    throw unsupportedFile(
      `${name} is of the format ${format}, in which MTCNN is not read: use .tflite files, or facenet-pytorch's .pt files.`,
    );
  }
  const operators = [...new Set(nodesOf(fuse(model, outputs)).map(({ op }) => op))];
  const other = operators.find((op) => !withProducts.includes(op));
  if (other) throw notMtcnn(name, `it has the operator ${other}`);
  const isConvolutional = operators.every((op) => convolutional.includes(op));
  const stage = isConvolutional ? 'proposal' : outputs.length === 2 ? 'refinement' : 'output';
  const { size, outputs: expected } = mtcnnStages[stage];
  const [, height = 0, width = 0, channels] = input.shape;
  const fits = (side: number) => side <= 0 || side === size;
  const isSized = stage === 'proposal' || (fits(height) && fits(width));
  if (outputs.length === Object.keys(expected).length && channels === 3 && isSized) return stage;
  throw notMtcnn(name, `it takes [${input.shape}] and has ${outputs.length} outputs`);
}

/** The error for a file that is no network of MTCNN. @param reason what it is instead. */
export function notMtcnn(name: string, reason: string): FaceNetError {
  return unsupportedFile(`${name} is no network of MTCNN (${reason}): pass its P-Net, R-Net and O-Net.`);
}
