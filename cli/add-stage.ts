import { basename } from 'node:path';
import {
  type AddArguments,
  checkedHash,
  givenPath,
  isModelName,
  megabytesOf,
  outputFolder,
  quantizationOf,
  readGiven,
  refuseOptions,
} from './add-arguments.ts';
import { UsageError } from './command.ts';
import { convertModel, presetNames } from './convert/convert-model.ts';
import type { Quantization } from './convert/graph/quantize.ts';
import { readManifestOf, writeNetwork } from './models-folder.ts';
import { readerBeside } from './read-beside.ts';

/** A detector or a landmarker to add. */
interface StageRequest {
  /** The file as it was given. */
  file: string;
  /** The absolute path of the models folder. */
  folder: string;
  name: string;
  /** The preset. */
  family: string;
  task: 'detection' | 'landmarks';
  /** The size of images, for a network that takes any size. */
  size: { width: number; height: number } | undefined;
  rule: Quantization | undefined;
}

/** The part of the help about detectors and landmarkers. */
export const stageUsage = `For a detector or a landmarker, --preset is the decoder of its outputs:
--task detection  ${presetNames.detection.join(', ')}
--task landmarks  ${presetNames.landmarks.join(', ')}
--size            WIDTHxHEIGHT of the images, for a network that takes any size; default: the preset's
`;

/**
 * Converts and checks a detector or a landmarker, and writes its files and its entry in the manifest.
 *
 * @returns what to print; undefined when the arguments name the preset of an embedder, or none.
 * @throws {UsageError} for invalid arguments.
 */
export async function addStage(given: AddArguments, usage: string): Promise<string | undefined> {
  const request = stageRequest(given, usage);
  if (!request) return undefined;
  const { file, folder, name, family, task, rule, size } = request;
  const bytes = readGiven(file);
  const hash = checkedHash(file, bytes, given);
  const manifest = readManifestOf(folder);
  const { descriptor, files, format, kernelGaps } = await convertModel(
    { name: basename(file), bytes },
    {
      preset: family,
      task,
      name,
      readBeside: readerBeside(givenPath(file)),
      ...(size && { size }),
      ...(rule && { quantize: rule }),
    },
  );
  writeNetwork(folder, manifest, descriptor, files);
  const input = `${descriptor.preprocessing.width}×${descriptor.preprocessing.height}`;
  const option = task === 'detection' ? 'detector' : 'landmarker';
  return (
    `${folder}: the ${option} "${name}" for images of ${input}, ${megabytesOf(files, 1)} MB, from a file of the format ${format} with the SHA-256 ${hash}.\n` +
    fallbackNotice(kernelGaps) +
    `Next, look at a photo with it, in a clone of facenet-web:\n  npm run faces -- PHOTO --models ${folder} --${option} ${name}\n`
  );
}

/** The request for a detector or a landmarker; undefined for the preset of an embedder, and without one. */
function stageRequest(given: AddArguments, usage: string): StageRequest | undefined {
  const { task, preset: family = '', name = family } = given.values;
  const stage = taskOf(family, task);
  if (!stage) {
    if (task === undefined || task === 'embedding') return undefined;
    throw new UsageError(`--task ${task} has no preset "${family}".\n\n${usage}`);
  }
  const [file, ...others] = given.files;
  if (!file || others.length > 0 || !isModelName(name)) throw new UsageError(usage);
  refuseOptions(given, ['template', 'output'], '--template and --output are for embedders.');
  refuseOptions(given, ['weights'], '--weights is for networks of Caffe.');
  return {
    file,
    folder: outputFolder(given, name),
    name,
    family,
    task: stage,
    size: sizeOf(given.values.size),
    rule: quantizationOf(given),
  };
}

/** The sentences about operators that the kernels lack. */
export function fallbackNotice(gaps: readonly string[]): string {
  if (gaps.length === 0) return '';
  return `It falls back to TensorFlow.js, which is slower, because the kernels of facenet-web cannot run it:\n${gaps.map((gap) => `  ${gap}\n`).join('')}`;
}

/** The task of a preset that is not an embedder's. */
function taskOf(family: string, task: string | undefined): StageRequest['task'] | undefined {
  return (['detection', 'landmarks'] as const).find(
    (each) => presetNames[each].includes(family) && (task ?? each) === each,
  );
}

function sizeOf(text: string | undefined): StageRequest['size'] {
  if (text === undefined) return undefined;
  const [, width, height] = /^(\d{1,4})x(\d{1,4})$/.exec(text) ?? [];
  if (!(Number(width) > 0 && Number(height) > 0)) {
    throw new UsageError(`--size is "${text}": use WIDTHxHEIGHT, such as 640x480.`);
  }
  return { width: Number(width), height: Number(height) };
}
