import { abortable } from '../../lib/core/cancellation.ts';
import { checkedOptions } from '../../lib/core/checked-options.ts';
import { FaceNetError } from '../../lib/core/errors.ts';
import { sha256Hex } from '../../lib/core/sha256.ts';
import type { ReadModelFile } from '../../lib/models/folders.ts';
import type { ModelDescriptor } from '../../lib/models/manifest.ts';
import type { OriginalFile } from './convert-original.ts';
import { describeMtcnnStage } from './describe-mtcnn-stage.ts';
import type { Quantization } from './graph/quantize.ts';
import { kernelGaps } from './kernel-support.ts';
import { listedFiles } from './listed-files.ts';
import { identifyMtcnn } from './mtcnn-files.ts';
import { type MtcnnStageName, mtcnnHead } from './presets/mtcnn-stages.ts';
import { readFolderOf } from './read-folder.ts';

/** Options of {@link convertMtcnn}. */
export interface ConvertMtcnnOptions {
  /** The name of the detector in `FaceNet.load()`. @default 'mtcnn' */
  name?: string;
  /** The type of the stored weights. Default: as in the files. */
  quantize?: Quantization;
  /** Aborts between the steps of the conversion, of which the self-checks take the longest. */
  signal?: AbortSignal;
}

/** A file of a models folder, by its path in it. */
type ConvertedFile = { path: string; bytes: Uint8Array };

/** MTCNN, converted. */
export interface ConvertedMtcnn {
  /** The entries of the manifest: the detector, which is P-Net, and the networks of its later stages, R-Net and O-Net. */
  descriptors: ModelDescriptor[];
  /** The files of the three networks, by their paths in the models folder. */
  files: { path: string; bytes: Uint8Array }[];
  /** The SHA-256 of P-Net's, R-Net's and O-Net's file, in hexadecimal. */
  sha256: string[];
  /** The operators that the kernels of facenet-web cannot run. The networks then run on TensorFlow.js, which is slower. */
  kernelGaps: string[];
  /** A models folder with this detector alone, for `FaceNet.load({ models: [models, 'models/'] })`. */
  models: ReadModelFile;
}

/**
 * Converts the three networks of MTCNN: .tflite files for transposed images, as they are made of davidsandberg/facenet's, or
 * facenet-pytorch's pnet.pt, rnet.pt and onet.pt, also as .safetensors. Runs each once, in plain JavaScript, to record its answer to a
 * known image.
 *
 * @param files P-Net, R-Net and O-Net, in any order: each is recognised by its operators and outputs.
 * @throws {FaceNetError} `option-invalid` for another number of files, for two files of one network, and for an invalid name;
 *   `model-file-damaged`; `model-file-unsupported` for a file that is no network of MTCNN. `signal.reason` when aborted.
 */
export async function convertMtcnn(
  files: readonly OriginalFile[],
  options: ConvertMtcnnOptions = {},
): Promise<ConvertedMtcnn> {
  const {
    name = 'mtcnn',
    quantize,
    signal,
  } = checkedOptions<ConvertMtcnnOptions>(options, { name: true, quantize: true });
  if (!/^\w[\w.-]*$/.test(name)) {
    throw new FaceNetError('option-invalid', `name is "${name}": use letters, digits, ".", "_" and "-".`);
  }
  signal?.throwIfAborted();
  const found = await abortable(identifyMtcnn(files), signal);
  const head = mtcnnHead(name);
  const names: Record<MtcnnStageName, string> = { proposal: name, refinement: head.refinement, output: head.output };
  const result = { descriptors: [] as ModelDescriptor[], files: [] as ConvertedFile[], sha256: [] as string[] };
  for (const stage of ['proposal', 'refinement', 'output'] as const) {
    const file = found[stage];
    const sha256 = await sha256Hex(new Uint8Array(file.bytes));
    const described = await abortable(
      describeMtcnnStage(stage, { file, name: names[stage], rule: quantize, sha256 }),
      signal,
    );
    const { files: written, entries } = await listedFiles(names[stage], described.files);
    const common = { ...described.descriptor, files: entries };
    result.descriptors.push(
      stage === 'proposal' ? { ...common, task: 'detection', head } : { ...common, task: 'candidates' },
    );
    result.files.push(...written);
    result.sha256.push(sha256);
  }
  return {
    ...result,
    kernelGaps: result.descriptors.flatMap((descriptor) =>
      kernelGaps(
        descriptor,
        result.files.filter(({ path }) => path.startsWith(`${descriptor.name}/`)),
      ),
    ),
    models: readFolderOf(result.descriptors, result.files),
  };
}
