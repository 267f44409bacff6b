import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parsed, UsageError } from './command.ts';
import { convertModel, presetNames } from './convert/convert-model.ts';
import type { Quantization } from './convert/graph/quantize.ts';
import { readManifestOf, sha256, writeNetwork } from './models-folder.ts';
import { readerBeside } from './read-beside.ts';

/** A detector or a landmarker to add. */
export interface StageRequest {
  /** The file as it was given, and its absolute path. */
  given: string;
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
  expectedHash: string | undefined;
}

/** The part of the help about detectors and landmarkers. */
export const stageUsage = `For a detector or a landmarker, --preset is the decoder of its outputs:
--task detection  ${presetNames.detection.join(', ')}
--task landmarks  ${presetNames.landmarks.join(', ')}
--size            WIDTHxHEIGHT of the images, for a network that takes any size; default: the preset's
`;

/**
 * The request for a detector or a landmarker.
 *
 * @returns undefined when the arguments name the preset of an embedder, or none.
 * @throws {UsageError} for invalid arguments.
 */
export function stageRequest(args: string[], usage: string): StageRequest | undefined {
  const { values, positionals } = parsed(() =>
    parseArgs({
      args,
      options: {
        task: { type: 'string' },
        preset: { type: 'string' },
        template: { type: 'string' },
        name: { type: 'string' },
        out: { type: 'string' },
        sha256: { type: 'string' },
        quantize: { type: 'string' },
        output: { type: 'string' },
        size: { type: 'string' },
      },
      allowPositionals: true,
    }),
  );
  const { task, preset: family = '', name = family, quantize: rule } = values;
  const stage = taskOf(family, task);
  if (!stage) {
    if (task === undefined || task === 'embedding') return undefined;
    throw new UsageError(`--task ${task} has no preset "${family}".\n\n${usage}`);
  }
  const [given] = positionals;
  if (!given || !/^\w[\w.-]*$/.test(name)) throw new UsageError(usage);
  if (rule !== undefined && rule !== 'float16' && rule !== 'uint8') throw new UsageError(usage);
  if (values.template ?? values.output) {
    throw new UsageError('--template and --output are for embedders: omit them for a detector or a landmarker.');
  }
  // npm runs scripts in the package's folder. INIT_CWD is the folder that npm was called in.
  const base = (process.env.npm_lifecycle_event === 'models:add' && process.env.INIT_CWD) || '.';
  return {
    given,
    file: resolve(base, given),
    folder: resolve(base, values.out ?? join('public', name)),
    name,
    family,
    task: stage,
    size: sizeOf(values.size),
    rule,
    expectedHash: values.sha256,
  };
}

/** Converts and checks a detector or a landmarker, and writes its files and its entry in the manifest. @returns what to print. */
export async function addStage(request: StageRequest): Promise<string> {
  const { file, folder, name, family, task, rule, size } = request;
  const bytes = readChecked(request);
  const manifest = readManifestOf(folder);
  const {
    descriptor,
    files,
    format,
    sha256: hash,
    kernelGaps,
  } = await convertModel(
    { name: basename(file), bytes },
    {
      preset: family,
      task,
      name,
      readBeside: readerBeside(file),
      ...(size && { size }),
      ...(rule && { quantize: rule }),
    },
  );
  writeNetwork(folder, manifest, descriptor, files);
  const megabytes = (files.reduce((sum, each) => sum + each.bytes.length, 0) / 1e6).toFixed(1);
  const input = `${descriptor.preprocessing.width}×${descriptor.preprocessing.height}`;
  const option = task === 'detection' ? 'detector' : 'landmarker';
  return (
    `${folder}: the ${option} "${name}" for images of ${input}, ${megabytes} MB, from a file of the format ${format} with the SHA-256 ${hash}.\n` +
    fallbackNotice(kernelGaps) +
    `Next, look at a photo with it, in a clone of facenet-web:\n  npm run faces -- PHOTO --models ${folder} --${option} ${name}\n`
  );
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

function readChecked({ given, file, expectedHash }: StageRequest): Buffer {
  if (!existsSync(file)) throw new Error(`${given}: no such file.`);
  const bytes = readFileSync(file);
  const hash = sha256(bytes);
  if (expectedHash !== undefined && expectedHash.toLowerCase() !== hash) {
    throw new Error(`${given} has the SHA-256 ${hash} instead of ${expectedHash}: download it again.`);
  }
  return bytes;
}
